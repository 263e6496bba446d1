//! [`Whole`]: XML or JSON that ends before its root does is no answer.
//!
//! The SDK reads such a list as a shorter one, and a resource that is there would seem to be
//! gone; such a refusal has no code. HTTP notices a connection that breaks off; a proxy on the
//! way may not.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses answers that were cut short.
#[derive(Debug)]
pub struct Whole;

impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "Whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if is_partial(context.response()) {
            return Err("the answer was cut short".into());
        }
        Ok(())
    }
}

/// Whether an answer that cannot be read lacks its end, or all of it.
pub fn is_cut_short(response: &HttpResponse) -> bool {
    let Some(body) = response.body().bytes() else { return false };
    let empty = response.status().is_success() && body.is_empty();
    empty || is_partial(response) || lacks_its_end(body)
}

/// By what the answer begins with, whatever its header says.
fn lacks_its_end(body: &[u8]) -> bool {
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[') => is_json_cut_short(body),
        Some(b'<') => is_xml_cut_short(body),
        _ => false,
    }
}

/// Whether the end is missing, whatever the status.
pub(crate) fn is_partial(response: &HttpResponse) -> bool {
    // What is not in memory is an object's content, not an answer.
    let (Some(kind), Some(body)) =
        (response.headers().get("content-type"), response.body().bytes())
    else {
        return false;
    };
    match kind {
        kind if kind.contains("xml") => is_xml_cut_short(body),
        kind if kind.contains("json") => is_json_cut_short(body),
        _ => false,
    }
}

fn is_json_cut_short(body: &[u8]) -> bool {
    if body.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok() {
        return false;
    }
    // Read once more, as a number that is skipped may end anywhere without being called cut.
    serde_json::from_slice::<serde_json::Value>(body).is_err_and(|error| error.is_eof())
}

fn is_xml_cut_short(body: &[u8]) -> bool {
    let mut text = body.trim_ascii();
    let declared = text.starts_with(b"<?");
    if declared {
        match text.windows(2).position(|two| two == b"?>") {
            Some(end) => text = text[end + 2..].trim_ascii_start(),
            None => return true,
        }
    }
    // A bucket's policy is JSON, whatever its header says.
    let Some(rest) = text.strip_prefix(b"<") else { return declared };
    let Some(end) = rest.iter().position(|b| b" \t\r\n/>".contains(b)) else { return true };
    let empty = rest.ends_with(b"/>") && !rest.contains(&b'<');
    !empty && !text.ends_with(&[b"</", &rest[..end], b">"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_json_is_noticed() {
        let answer = br#"{"a":[1,{"b":"c}"}],"e":1.5e3,"f":-2.25,"g":true,"d":null}"#;
        assert!(!is_json_cut_short(answer));
        for at in 1..answer.len() {
            assert!(is_json_cut_short(&answer[..at]), "{}", String::from_utf8_lossy(&answer[..at]));
        }
        for whole in [&b""[..], b"{}", b"[]", b"not JSON"] {
            assert!(!is_json_cut_short(whole), "{}", String::from_utf8_lossy(whole));
        }
    }

    #[test]
    fn what_cannot_be_read_is_cut_short_by_what_it_begins_with() {
        for cut in [&br#" {"ARN":"arn"#[..], b"[1,", b"<A><B>", b"<?xml"] {
            assert!(lacks_its_end(cut), "{}", String::from_utf8_lossy(cut));
        }
        for whole in [&b"<html>Please log in</html>"[..], b"{}", b"not JSON", b""] {
            assert!(!lacks_its_end(whole), "{}", String::from_utf8_lossy(whole));
        }
    }

    #[test]
    fn every_cut_of_xml_is_noticed() {
        let answer = b"<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><b>1</b><A2/><b/></A>\n";
        assert!(!is_xml_cut_short(answer));
        for at in 1..answer.len() - 1 {
            assert!(is_xml_cut_short(&answer[..at]), "{}", String::from_utf8_lossy(&answer[..at]));
        }
        for whole in [&b""[..], b"{}", b"<A/>", b"<A></A>", b"<A x=\"1\" />"] {
            assert!(!is_xml_cut_short(whole), "{}", String::from_utf8_lossy(whole));
        }
    }
}
