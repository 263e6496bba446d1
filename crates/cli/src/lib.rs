//! The Ferrocrete command line as a library.
