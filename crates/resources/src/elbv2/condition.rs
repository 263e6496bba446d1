//! Which requests a listener rule is about.

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, HttpHeaderConditionConfig, HttpRequestMethodConditionConfig,
    PathPatternConditionConfig, QueryStringConditionConfig, QueryStringKeyValuePair,
    RuleCondition as SdkCondition, SourceIpConditionConfig,
};
use ferrocrete_core::Input;

use crate::prelude::*;

/// Which requests a rule is about: one that fits any of the values. `*` stands for any text, `?`
/// for one character.
///
/// ```
/// use ferrocrete_resources::elbv2::Condition;
/// Condition::path(["/api/*"]);
/// Condition::host(["www.example.com", "*.example.org"]);
/// Condition::http_header("X-Tenant", ["a", "b"]);
/// Condition::http_method(["GET", "HEAD"]);
/// Condition::query_string([("version", "1"), ("", "*beta*")]);
/// Condition::source_ip(["10.0.0.0/8"]);
/// ```
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct Condition {
    /// `path-pattern`, `host-header`, `http-header`, `http-request-method`, `query-string` or
    /// `source-ip`.
    pub field: String,
    /// Values, of which one must fit; for all fields but `query-string`. Ranges of `source-ip` are
    /// compared as the networks that they are.
    #[field(maybe_cidr)]
    pub values: Option<Vec<String>>,
    /// Regular expressions instead of values, for path, host and header.
    #[field(set)]
    pub regex_values: Option<Vec<String>>,
    /// Name of the header, for `http-header`.
    #[field(case_insensitive)]
    pub http_header_name: Option<String>,
    /// Parameters, of which one must fit, for `query-string`.
    #[field(set)]
    pub query_string_values: Option<Vec<QueryStringKeyValue>>,
}

/// A parameter of the query.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct QueryStringKeyValue {
    /// Its name. Default: any.
    pub key: Option<String>,
    /// Its value.
    pub value: String,
}

impl Condition {
    /// The path is one of these.
    pub fn path(values: impl Into<Input<Vec<String>>>) -> Input<Self> {
        Self::builder().field("path-pattern").values(values).into()
    }

    /// The path fits one of these regular expressions.
    pub fn path_regex(values: impl Into<Input<Vec<String>>>) -> Input<Self> {
        Self::builder().field("path-pattern").regex_values(values).into()
    }

    /// The host is one of these; case does not count.
    pub fn host(values: impl Into<Input<Vec<String>>>) -> Input<Self> {
        Self::builder().field("host-header").values(values).into()
    }

    /// A header has one of these values.
    pub fn http_header(
        name: impl Into<Input<String>>,
        values: impl Into<Input<Vec<String>>>,
    ) -> Input<Self> {
        Self::builder().field("http-header").http_header_name(name).values(values).into()
    }

    /// The method is one of these, in capitals.
    pub fn http_method(values: impl Into<Input<Vec<String>>>) -> Input<Self> {
        Self::builder().field("http-request-method").values(values).into()
    }

    /// The query has one of these parameters; an empty name stands for any.
    pub fn query_string<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Input<Self> {
        let pair = |(key, value): (&str, &str)| {
            let key = Some(key).filter(|key| !key.is_empty());
            QueryStringKeyValue::builder().maybe_key(key).value(value)
        };
        let pairs: Input<Vec<QueryStringKeyValue>> = pairs.into_iter().map(pair).collect();
        Self::builder().field("query-string").query_string_values(pairs).into()
    }

    /// The client's address is in one of these ranges in CIDR notation.
    pub fn source_ip(values: impl Into<Input<Vec<String>>>) -> Input<Self> {
        Self::builder().field("source-ip").values(values).into()
    }

    pub(super) fn to_sdk(&self) -> Result<SdkCondition> {
        let condition = SdkCondition::builder().field(&self.field);
        let (values, regex) = (self.values.clone(), self.regex_values.clone());
        Ok(match self.field.as_str() {
            "path-pattern" => condition.path_pattern_config(
                PathPatternConditionConfig::builder()
                    .set_values(values)
                    .set_regex_values(regex)
                    .build(),
            ),
            "host-header" => condition.host_header_config(
                HostHeaderConditionConfig::builder()
                    .set_values(values)
                    .set_regex_values(regex)
                    .build(),
            ),
            "http-header" => condition.http_header_config(
                HttpHeaderConditionConfig::builder()
                    .set_http_header_name(self.http_header_name.clone())
                    .set_values(values)
                    .set_regex_values(regex)
                    .build(),
            ),
            "http-request-method" => condition.http_request_method_config(
                HttpRequestMethodConditionConfig::builder().set_values(values).build(),
            ),
            "query-string" => condition.query_string_config(
                QueryStringConditionConfig::builder().set_values(self.pairs()).build(),
            ),
            "source-ip" => condition
                .source_ip_config(SourceIpConditionConfig::builder().set_values(values).build()),
            other => {
                return Err(OpError::invalid(format!(
                    "`{other}` is no field of a condition\n  what to do: use one of path-pattern, host-header, http-header, http-request-method, query-string, source-ip"
                )));
            }
        }
        .build())
    }

    fn pairs(&self) -> Option<Vec<QueryStringKeyValuePair>> {
        let pair = |p: &QueryStringKeyValue| {
            QueryStringKeyValuePair::builder().set_key(p.key.clone()).value(&p.value).build()
        };
        self.query_string_values.as_ref().map(|pairs| pairs.iter().map(pair).collect())
    }

    pub(super) fn from_sdk(condition: &SdkCondition) -> Self {
        let list = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        let (path, host) = (condition.path_pattern_config(), condition.host_header_config());
        let (header, method) =
            (condition.http_header_config(), condition.http_request_method_config());
        let values = path
            .map(|c| c.values())
            .or(host.map(|c| c.values()))
            .or(header.map(|c| c.values()))
            .or(method.map(|c| c.values()))
            .or(condition.source_ip_config().map(|c| c.values()));
        let regex = path
            .map(|c| c.regex_values())
            .or(host.map(|c| c.regex_values()))
            .or(header.map(|c| c.regex_values()));
        let pair = |p: &QueryStringKeyValuePair| QueryStringKeyValue {
            key: text(p.key()),
            value: text(p.value()).unwrap_or_default(),
        };
        let query = condition.query_string_config().map(|c| c.values());
        Self {
            field: text(condition.field()).unwrap_or_default(),
            // Paths and hosts may be told without the details.
            values: values.and_then(list).or(list(condition.values())),
            regex_values: regex.and_then(list).or(list(condition.regex_values())),
            http_header_name: text(header.and_then(|h| h.http_header_name())),
            query_string_values: query.map(|all| all.iter().map(pair).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(json: serde_json::Value) -> Condition {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_kind_comes_back_as_it_was_declared() {
        let all = [
            serde_json::json!({"field": "path-pattern", "values": ["/a", "/b"]}),
            serde_json::json!({"field": "path-pattern", "regex_values": ["^/a$"]}),
            serde_json::json!({"field": "host-header", "values": ["a.example"]}),
            serde_json::json!({"field": "http-header", "values": ["x"], "http_header_name": "A"}),
            serde_json::json!({"field": "http-request-method", "values": ["GET"]}),
            serde_json::json!({"field": "source-ip", "values": ["10.0.0.0/8"]}),
            serde_json::json!({"field": "query-string", "query_string_values": [
                {"key": "a", "value": "1"}, {"value": "2"}
            ]}),
        ];
        let plain = |c: &Condition| {
            let mut json = serde_json::to_value(c).unwrap();
            let map = json.as_object_mut().unwrap();
            map.retain(|_, value| !value.is_null());
            json
        };
        for json in all {
            let declared = condition(json);
            let back = Condition::from_sdk(&declared.to_sdk().unwrap());
            let drop_null = |text: String| text.replace(r#""key":null,"#, "");
            assert_eq!(
                drop_null(plain(&back).to_string()),
                drop_null(plain(&declared).to_string())
            );
        }
    }

    #[test]
    fn values_without_details_are_taken() {
        let live = SdkCondition::builder().field("path-pattern").values("/a").build();
        assert_eq!(Condition::from_sdk(&live).values.unwrap(), ["/a"]);
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused() {
        let error = condition(serde_json::json!({"field": "path"})).to_sdk().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
}
