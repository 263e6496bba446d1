//! The wall clock, for people.

/// The time now to the second, RFC 3339. Only ever shown: nothing is decided by it, because the clocks of
/// machines differ and are set.
#[expect(clippy::disallowed_methods, reason = "this is the one place, and only shown")]
pub(crate) fn timestamp() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Second).unwrap_or(now).to_string()
}
