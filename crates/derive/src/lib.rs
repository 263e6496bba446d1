//! Derive macros of Ferrocrete: Resource, Properties, Outputs, Lookup.
