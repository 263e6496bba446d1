//! Policy documents as IAM returns them: percent-encoded JSON.

/// Takes the percent-encoding off a document; what is not encoded stays as it is.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match pair.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    // A plain document may hold a `%` of its own; then the raw text is the document.
    String::from_utf8(out)
        .ok()
        .filter(|decoded| !text.trim_start().starts_with('{') || decoded == text)
        .unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_documents_are_decoded() {
        assert_eq!(decode("%7B%22a%22%3A%22%C3%A4%20b%22%7D"), r#"{"a":"ä b"}"#);
    }

    #[test]
    fn plain_documents_stay() {
        let text = r#"{"Condition":{"StringLike":{"k":"100%25"}}}"#;
        assert_eq!(decode(text), text);
        assert_eq!(decode("%"), "%");
        assert_eq!(decode("%zz"), "%zz");
    }
}
