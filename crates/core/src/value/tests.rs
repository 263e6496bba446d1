use super::*;

fn eval<T>(output: &Output<T>) -> Value {
    output.expr().eval(&NoOutputs).unwrap()
}

fn unknown() -> Output<String> {
    let urn = crate::Urn::new("p", "s", &[], "T", "n").unwrap();
    Output::of_node(&urn, "id")
}

#[test]
fn map_zip_and_all_compute() {
    let n = Output::of(20);
    assert_eq!(eval(&n.map(|n: i32| n + 1)), Value::Int(21));
    let pair = n.zip(&Output::of("x".to_owned()));
    assert_eq!(eval(&pair.map(|(n, s): (i32, String)| format!("{s}{n}"))), Value::from("x20"));
    let all: Output<Vec<i32>> = Output::all([1, 2, 3]);
    assert_eq!(eval(&all.map(|v: Vec<i32>| v.into_iter().sum::<i32>())), Value::Int(6));
}

#[test]
fn unknown_stays_unknown_and_secret_stays_secret() {
    assert_eq!(eval(&unknown().map(|s| s.len())), Value::Unknown);
    let secret = Secret::new("hunter2".to_owned()).to_output();
    let derived = eval(&secret.map(|s| format!("<{s}>")));
    assert!(derived.has_secret());
    assert_eq!(derived.reveal(), Value::from("<hunter2>"));
    assert!(!format!("{derived:?} {derived}").contains("hunter2"));
    let both = eval(&unknown().zip(&secret).map(|(a, b)| a + &b));
    assert!(both.has_unknown() && both.has_secret());
}

#[test]
fn a_refusal_over_a_secret_hides_its_words() {
    let secret = Secret::new("hunter2".to_owned()).to_output();
    let refused = secret.try_map(|s| Err::<String, _>(format!("bad: {s}")));
    let error = refused.expr().eval(&NoOutputs).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_whole_number_never_becomes_another_one() {
    let both = Value::List(vec![Value::Int(i64::MIN), Value::Int(i64::MAX)]);
    assert_eq!(to_value(&[i64::MIN, i64::MAX]).unwrap(), both);
    for too_large in [u64::MAX, i64::MAX as u64 + 1] {
        let error = to_value(&Some(vec![too_large])).unwrap_err().to_string();
        assert!(error.contains("over 9223372036854775807"), "{error}");
    }
    assert_eq!(to_value(&1e30).unwrap(), Value::Float(1e30));
}

#[test]
fn shapes_that_do_not_fit_are_errors() {
    let error = from_value::<i32>(&Value::from("x")).unwrap_err();
    assert!(matches!(error, EvalError::Convert { .. }));
    assert_eq!(from_value::<i32>(&Value::Unknown), Err(EvalError::Unknown));
    let secret = from_value::<i32>(&Value::secret("hunter2".into())).unwrap_err();
    assert!(!secret.to_string().contains("hunter2"), "{secret}");
}
