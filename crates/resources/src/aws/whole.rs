//! [`Whole`]: XML that ends before its root element does is no answer.
//!
//! The SDK reads such a list as a shorter one, and a resource that is there would seem to be
//! gone. HTTP notices a connection that breaks off; a proxy on the way may not.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses answers in XML that were cut short.
#[derive(Debug)]
pub(super) struct Whole;

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
        let response = context.response();
        let is_xml = response.headers().get("content-type").is_some_and(|t| t.contains("xml"));
        match response.body().bytes() {
            // What is not in memory is an object's content, not an answer.
            Some(body) if is_xml && is_cut_short(body) => Err("the answer was cut short".into()),
            _ => Ok(()),
        }
    }
}

fn is_cut_short(body: &[u8]) -> bool {
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
    fn every_cut_is_noticed() {
        let answer = b"<?xml version=\"1.0\"?>\n<A xmlns=\"x\"><b>1</b><A2/><b/></A>\n";
        assert!(!is_cut_short(answer));
        for at in 1..answer.len() - 1 {
            assert!(is_cut_short(&answer[..at]), "{}", String::from_utf8_lossy(&answer[..at]));
        }
        for whole in [&b""[..], b"{}", b"<A/>", b"<A></A>", b"<A x=\"1\" />"] {
            assert!(!is_cut_short(whole), "{}", String::from_utf8_lossy(whole));
        }
    }
}
