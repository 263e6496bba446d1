//! Values that AWS makes up.

use serde_json::{Map, Value as Json};

use crate::prelude::*;

/// How AWS makes up a value.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct GenerateSecretString {
    /// Number of characters, 1 to 4,096. Default: 32.
    pub password_length: Option<i32>,
    /// Characters to leave out.
    pub exclude_characters: Option<String>,
    /// Leave out punctuation. Default: false.
    pub exclude_punctuation: Option<bool>,
    /// Leave out digits. Default: false.
    pub exclude_numbers: Option<bool>,
    /// Leave out capitals. Default: false.
    pub exclude_uppercase: Option<bool>,
    /// Leave out small letters. Default: false.
    pub exclude_lowercase: Option<bool>,
    /// Whether a space may be one of the characters. Default: false.
    pub include_space: Option<bool>,
    /// At least one of each kind that is not left out. Default: true.
    pub require_each_included_type: Option<bool>,
    /// JSON object that the password is put into, such as `{"username": "app"}`. Default:
    /// the value is the bare password.
    pub secret_string_template: Option<String>,
    /// Key of the password in that object, such as `password`.
    pub generate_string_key: Option<String>,
}

impl GenerateSecretString {
    /// A new value, random at every call.
    pub(super) async fn generate(&self, aws: &Aws) -> Result<String> {
        let answer = aws
            .secretsmanager()
            .get_random_password()
            .set_password_length(self.password_length.map(i64::from))
            .set_exclude_characters(self.exclude_characters.clone())
            .set_exclude_punctuation(self.exclude_punctuation)
            .set_exclude_numbers(self.exclude_numbers)
            .set_exclude_uppercase(self.exclude_uppercase)
            .set_exclude_lowercase(self.exclude_lowercase)
            .set_include_space(self.include_space)
            .set_require_each_included_type(self.require_each_included_type)
            .send()
            .await
            .op("secretsmanager:GetRandomPassword")?;
        let password =
            need(answer.random_password, "secretsmanager:GetRandomPassword", "random_password")?;
        match (&self.secret_string_template, &self.generate_string_key) {
            (None, None) => Ok(password),
            (Some(template), Some(key)) => fill(template, key, password),
            _ => Err(OpError::invalid(
                "`secret_string_template` and `generate_string_key` belong together",
            )),
        }
    }
}

/// The template with the password under `key`.
///
/// # Errors
/// When the template is no JSON object; without showing it, as it may hold secrets.
fn fill(template: &str, key: &str, password: String) -> Result<String> {
    let Ok(mut object) = serde_json::from_str::<Map<String, Json>>(template) else {
        return Err(OpError::invalid("`secret_string_template` must be a JSON object"));
    };
    object.insert(key.to_owned(), Json::String(password));
    Ok(Json::Object(object).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_joins_the_object() {
        let text = fill(r#"{"username":"app"}"#, "password", "p\"1".into()).expect("an object");
        let json: Json = serde_json::from_str(&text).expect("JSON");
        assert_eq!(json["username"], "app");
        assert_eq!(json["password"], "p\"1");
    }

    #[test]
    fn what_is_no_object_is_refused_without_showing_it() {
        let error = fill(r#"["hunter2"]"#, "password", "p".into()).expect_err("no object");
        assert!(!error.to_string().contains("hunter2"));
    }
}
