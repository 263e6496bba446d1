#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ferrocrete_core::state::fuzzing::plan(bytes));
