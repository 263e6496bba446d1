#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ferrocrete_backend_s3::fuzzing::items(bytes));
