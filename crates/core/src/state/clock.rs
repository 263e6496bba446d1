//! The wall clock, for people.

/// The time now, RFC 3339. Only ever shown: nothing is decided by it, because the clocks of
/// machines differ and are set.
#[expect(clippy::disallowed_methods, reason = "this is the one place, and only shown")]
pub(crate) fn timestamp() -> String {
    jiff::Timestamp::now().to_string()
}
