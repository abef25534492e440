//! Three in four mutations change the steps of a script. The others are libFuzzer's own mutations of the bytes.

use conformance_fuzz::{crossed, mutated, with_one_request};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzzer_mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let by_bytes = seed.is_multiple_of(4);
    match (!by_bytes).then(|| mutated(&data[..size], max_size, seed)).flatten() {
        Some(bytes) => put(data, bytes),
        None => {
            let size = fuzzer_mutate(data, size, max_size);
            put(data, data[..size].to_vec())
        }
    }
});

fuzz_crossover!(|first: &[u8], second: &[u8], out: &mut [u8], seed: u32| {
    crossed(first, second, out.len(), seed).map_or(0, |bytes| put(out, bytes))
});

fn put(data: &mut [u8], bytes: Vec<u8>) -> usize {
    let bytes = if cfg!(feature = "one-request") { with_one_request(bytes, data.len()) } else { bytes };
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}
