//! What the derive macros check while the program is compiled.

use crate::schema::{Field, OutputField};

/// Whether there is an output of this name.
pub const fn has_output(outputs: &[OutputField], name: &str) -> bool {
    let mut i = 0;
    while i < outputs.len() {
        if same(outputs[i].name, name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether every output that equals an input has an input of its name.
pub const fn inputs_exist(outputs: &[OutputField], inputs: &[Field]) -> bool {
    let mut i = 0;
    while i < outputs.len() {
        if outputs[i].from_input && !has_input(inputs, outputs[i].name) {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether every output that equals a secret input is secret itself.
pub const fn secrets_kept(outputs: &[OutputField], inputs: &[Field]) -> bool {
    let mut i = 0;
    while i < outputs.len() {
        if outputs[i].from_input
            && !outputs[i].secret
            && outputs[i].secret_if.is_none()
            && is_secret(inputs, outputs[i].name)
        {
            return false;
        }
        i += 1;
    }
    true
}

const fn is_secret(inputs: &[Field], name: &str) -> bool {
    let mut i = 0;
    while i < inputs.len() {
        if same(inputs[i].name, name) {
            return inputs[i].secret || inputs[i].secret_if.is_some();
        }
        i += 1;
    }
    false
}

const fn has_input(inputs: &[Field], name: &str) -> bool {
    let mut i = 0;
    while i < inputs.len() {
        if same(inputs[i].name, name) {
            return true;
        }
        i += 1;
    }
    false
}

// `==` of texts is not const.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
