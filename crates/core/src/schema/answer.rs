//! [`Code`]: which answers of AWS a type waits out.

use crate::error::OpError;

/// An answer of AWS: its error code and, where the code alone says too little, a piece of its
/// message.
///
/// Some codes mean everything (`InvalidParameterException` of ECS, `InvalidParameterValue` of
/// EC2 and RDS). With a documented piece of the message, a plain mistake of the user is told
/// at once, and only what passes is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// AWS's error code.
    pub code: &'static str,
    /// What the message has in it, without regard to case; empty where the code says enough.
    pub message: &'static str,
}

impl Code {
    /// Whether AWS answered with this.
    pub fn is(&self, error: &OpError) -> bool {
        error.has_code(self.code)
            && error.message.to_ascii_lowercase().contains(&self.message.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_piece_of_the_message_tells_a_mistake_from_what_passes() {
        let role = Code { code: "InvalidParameterException", message: "Role is not valid" };
        let any = Code { code: "NotYet", message: "" };
        let answer = |code: &str, message: &str| OpError {
            code: Some(code.into()),
            ..OpError::new(ErrorKind::Invalid, message)
        };
        assert!(role.is(&answer("InvalidParameterException", "ROLE is not valid.")));
        assert!(!role.is(&answer("InvalidParameterException", "Name must not be empty")));
        assert!(!role.is(&answer("Other", "Role is not valid")));
        assert!(any.is(&answer("NotYet", "anything")));
    }
}
