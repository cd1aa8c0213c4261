#![no_main]

use libfuzzer_sys::fuzz_target;
use stateseal_fuzz::targets;

fuzz_target!(|data: &[u8]| targets::settings(data));
