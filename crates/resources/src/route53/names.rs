//! Names and ids in the many ways that Route 53 writes them.

/// Ids come as `/hostedzone/Z…`.
pub(super) fn bare_id(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}

/// A name in small letters, without the final dot, with `\052` and the like as characters.
pub(super) fn bare_name(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name.strip_suffix('.').unwrap_or(name);
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let octal = after.get(..3).and_then(|o| u8::from_str_radix(o, 8).ok());
        match octal.zip(after.get(3..)) {
            Some((byte, tail)) => {
                out.push(char::from(byte));
                rest = tail;
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out.to_ascii_lowercase()
}

/// The declared spelling of a name, where AWS only writes it otherwise.
pub(super) fn echo_name(declared: Option<&str>, live: &str) -> String {
    let bare = bare_name(live);
    match declared {
        Some(text) if bare_name(text) == bare => text.to_owned(),
        _ => bare,
    }
}

/// The console writes load balancers as `dualstack.NAME`; that is the same target.
pub(super) fn target_name(name: &str) -> String {
    let bare = bare_name(name);
    bare.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        assert_eq!(bare_name("Example.ORG."), "example.org");
        assert_eq!(bare_name("\\052.example.org."), "*.example.org");
        assert_eq!(bare_name("a\\100b.example.org"), "a@b.example.org");
        assert_eq!(bare_name("odd\\.example.org"), "odd\\.example.org");
        assert_eq!(bare_name("odd\\05"), "odd\\05");
        assert_eq!(bare_id("/hostedzone/Z1"), "Z1");
        assert_eq!(bare_id("Z1"), "Z1");
    }

    #[test]
    fn another_spelling_is_the_declared_name() {
        assert_eq!(echo_name(Some("*.Example.org."), "\\052.example.org."), "*.Example.org.");
        assert_eq!(echo_name(Some("other.org"), "example.org."), "example.org");
        assert_eq!(echo_name(None, "example.org."), "example.org");
        assert_eq!(target_name("dualstack.LB.amazonaws.com."), "lb.amazonaws.com");
    }
}
