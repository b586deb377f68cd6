//! What happens at the limits of output and result.

use crate::case::{Case, Feature, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("a_result_of_exactly_the_limit_is_taken", "export default () => 'x'.repeat(998)")
            .result_bytes(1000)
            .value(format!("\"{}\"", "x".repeat(998))),
        case("a_result_over_the_limit_is_told_with_its_size", "export default () => 'x'.repeat(999)")
            .result_bytes(1000)
            .failure("result_too_large")
            .detail("/limit", "1000")
            .detail("/bytes", "1001"),
        case("the_size_of_a_result_counts_bytes_not_characters", "export default () => '€'.repeat(400)")
            .result_bytes(1000)
            .failure("result_too_large")
            .detail("/bytes", "1202"),
        case("a_result_far_over_the_limit_is_told", "export default () => new Array(3e6).fill(1)")
            .failure("result_too_large")
            .detail("/limit", "1048576"),
        case("a_large_result_comes_whole", "export default () => 'é'.repeat(400000)")
            .value(format!("\"{}\"", "é".repeat(400_000))),
        case("output_over_the_limit_is_cut_and_fails_nothing", "export default () => { for (let i = 0; i < 10000; i++) console.log('x'.repeat(100)); return 1 }")
            .output_bytes(1000)
            .value("1")
            .output_between(1000, 1100),
        case("one_message_over_the_limit_is_cut", "export default () => { console.log('x'.repeat(1e7)); return 1 }")
            .output_bytes(1000)
            .value("1")
            .output_between(1001, 65_536),
        case("no_output_at_all_can_be_wanted", "export default () => { console.log('xyz'); console.log('xyz'); return 1 }")
            .output_bytes(0)
            .value("1")
            .output_between(1, 3),
        case("raw_output_over_the_limit_is_cut_and_fails_nothing", "export default async () => { for (let i = 0; i < 200; i++) { if (!process.stdout.write('x'.repeat(10000) + '\\n')) await new Promise(r => process.stdout.once('drain', r)) } return 1 }")
            .requires(Feature::Process)
            .output_bytes(1000)
            .value("1")
            .output_between(1001, 20_000),
        case("many_small_messages_all_arrive", "export default () => { for (let i = 0; i < 5000; i++) console.log('12345') }")
            .unset()
            .output_between(25_000, 25_000),
        case("large_inputs_arrive_whole", "export default (inputs) => inputs.length")
            .inputs(format!("\"{}\"", "é".repeat(1_000_000)))
            .value("1000000"),
    ]
}
