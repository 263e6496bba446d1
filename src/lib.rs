//! Ferrocrete.
