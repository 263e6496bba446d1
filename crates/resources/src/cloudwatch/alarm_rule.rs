//! Which alarms the rule of a composite alarm names.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use ferrocrete_core::schema::{Known, Mention};

/// What a rule may ask of an alarm.
const STATES: [&str; 3] = ["ALARM", "OK", "INSUFFICIENT_DATA"];
/// The types that may have the name.
const TYPES: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];

/// The alarms that a composite alarm names: AWS wants them to be there first, and keeps them while
/// it is there.
pub(super) fn mentions(known: Known<'_>) -> Vec<Mention> {
    let rule = known.text("alarm_rule").unwrap_or_default();
    let suppressor = known.text("actions_suppressor");
    let names = names(&rule).into_iter().chain(suppressor.as_deref().map(bare));
    let both = |value: String| {
        TYPES.map(|type_name| Mention { type_name, property: "alarm_name", value: value.clone() })
    };
    names.flat_map(both).collect()
}

/// The names in brackets, with or without quotes, after one of the states.
fn names(rule: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut rest = rule;
    while let Some(next) = rest.chars().next() {
        let after = &rest[next.len_utf8()..];
        if next.is_alphanumeric() || next == '_' {
            word.push(next);
        } else if next == '(' && STATES.contains(&word.as_str()) {
            let (name, end) = argument(after);
            found.push(bare(name));
            word.clear();
            rest = end;
            continue;
        } else if !(next.is_whitespace() && after.trim_start().starts_with('(')) {
            word.clear();
        }
        rest = after;
    }
    found
}

/// What stands between brackets, of which the first is read already, and what follows it.
fn argument(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (inside, end) = match quote {
        Some(quote) => (&text[1..], quote),
        None => (text, ')'),
    };
    inside.split_once(end).unwrap_or((inside, ""))
}

/// A name may be written as ARN.
fn bare(name: &str) -> String {
    name.trim().rsplit_once(":alarm:").map_or(name.trim(), |(_, bare)| bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_stand_in_brackets_after_a_state() {
        assert_eq!(names("ALARM(cpu)"), ["cpu"]);
        assert_eq!(
            names("(ALARM (a-1.b) OR OK( b ))AND NOT(INSUFFICIENT_DATA(c))"),
            ["a-1.b", "b", "c"]
        );
        assert_eq!(names(r#"ALARM("two words (eu)") OR ALARM('it')"#), ["two words (eu)", "it"]);
        assert_eq!(names("OK(arn:aws:cloudwatch:eu-central-1:1:alarm:cpu)"), ["cpu"]);
        assert_eq!(names("TRUE AND NOT (FALSE)"), [""; 0]);
        assert_eq!(names("NOALARM(x) OR ALARM TRUE (y)"), [""; 0]);
        assert_eq!(names("ALARM(unfinished"), ["unfinished"]);
    }
}
