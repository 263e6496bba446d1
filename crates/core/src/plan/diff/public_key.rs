//! Public keys for SSH, compared by what they are.

/// Whether two texts are one public key. What is no key is compared as text.
pub(super) fn same_public_key(a: &str, b: &str) -> bool {
    match (public_key(a), public_key(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a.trim() == b.trim(),
    }
}

/// The type and the key material in base64, where the text is a key in one of the formats that
/// EC2 imports ("Amazon EC2 key pairs and Amazon EC2 instances", ImportKeyPair in the EC2 API
/// reference): one line of OpenSSH, or lines between marks as RFC 4716 and PEM have them. The type
/// is empty where only the material tells it, as it does in all of them.
fn public_key(text: &str) -> Option<(&str, String)> {
    let text = text.trim();
    if text.starts_with("----") {
        return armoured(text).map(|material| ("", material));
    }
    let mut words = text.split_whitespace();
    let (kind, material) = (words.next()?, words.next()?);
    is_base64(material).then(|| (kind, material.to_owned()))
}

/// The material between the first and the last line, without the headers of RFC 4716, of which a
/// line that ends with `\\` goes on in the next one.
fn armoured(text: &str) -> Option<String> {
    let (mut material, mut goes_on) = (String::new(), false);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with("----"));
    for line in lines.by_ref() {
        if goes_on || line.contains(':') {
            goes_on = line.ends_with('\\');
        } else {
            material.push_str(line);
        }
    }
    is_base64(&material).then_some(material)
}

fn is_base64(text: &str) -> bool {
    let of_it = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    !text.is_empty() && text.chars().all(of_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4k";

    #[test]
    fn comments_and_white_space_mean_nothing() {
        for other in [
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4k anna@laptop",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4k anna and ben\r\n",
            "  ssh-ed25519\tAAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4k\n",
        ] {
            assert!(same_public_key(KEY, other) && same_public_key(other, KEY), "{other}");
        }
    }

    #[test]
    fn type_and_material_count() {
        for other in [
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4k",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQw7M4K",
            "ssh-ed25519 aaaac3NzaC1lZDI1NTE5AAAAIGQw7M4k",
            "ssh-ed25519",
            "",
        ] {
            assert!(!same_public_key(KEY, other) && !same_public_key(other, KEY), "{other}");
        }
    }

    #[test]
    fn lines_between_marks_are_put_together() {
        let (begin, end) = ("---- BEGIN SSH2 PUBLIC KEY ----", "---- END SSH2 PUBLIC KEY ----");
        let one = format!("{begin}\nComment: \"a b\"\nAAAAB3Nz\naC1y\n{end}\n");
        let other = format!("{begin}\r\nX-Note: it \\\r\ngoes on\r\nAAAAB3NzaC1y\r\n{end}");
        assert!(same_public_key(&one, &other));
        assert!(!same_public_key(&one, &other.replace("aC1y", "aC1z")));
    }

    #[test]
    fn what_is_no_key_is_compared_as_text() {
        assert!(same_public_key("no key!", "no key!\n") && !same_public_key("no key!", "no Key!"));
    }
}
