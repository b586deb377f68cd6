//! What happens at the limits of output and result.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    let returns = |name, value: &str| {
        case(
            name,
            &format!("def handler(inputs, context):\n  return {value}"),
        )
    };
    vec![
        returns("a_result_of_exactly_the_limit_is_taken", "'x' * 998")
            .result_bytes(1000)
            .value(format!("\"{}\"", "x".repeat(998))),
        returns("a_result_over_the_limit_is_told_with_its_size", "'x' * 999")
            .result_bytes(1000)
            .failure("result_too_large")
            .detail("/limit", "1000")
            .detail("/bytes", "1001"),
        returns("the_size_of_a_result_counts_bytes_not_characters", "'€' * 400")
            .result_bytes(1000)
            .failure("result_too_large")
            .detail("/bytes", "1202"),
        returns("a_result_far_over_the_limit_is_told", "[1] * 3_000_000")
            .failure("result_too_large")
            .detail("/limit", "1048576"),
        returns("an_integer_far_over_the_limit_is_told", "1 << 1_000_000_000")
            .failure("result_too_large")
            .detail("/limit", "1048576"),
        case("members_without_end_are_told", "import itertools\nclass Odd(dict):\n  def items(self):\n    return ((str(n), n) for n in itertools.count())\ndef handler(inputs, context):\n  return Odd()")
            .failure("result_too_large"),
        case("a_value_that_shares_its_parts_is_told", "def handler(inputs, context):\n  v = []\n  for _ in range(60): v = [v, v]\n  return v")
            .failure("result_too_large"),
        returns("a_large_result_comes_whole", "'é' * 400000").value(format!("\"{}\"", "é".repeat(400_000))),
        case("output_over_the_limit_is_cut_and_fails_nothing", "import logging\ndef handler(inputs, context):\n  for _ in range(10000): logging.info('x' * 100)\n  return 1")
            .output_bytes(1000)
            .value("1")
            .output_between(1000, 1100),
        case("one_message_over_the_limit_is_cut", "import logging\ndef handler(inputs, context):\n  logging.info('é' * 10**7)\n  return 1")
            .output_bytes(1000)
            .value("1")
            .output_between(1000, 65_536),
        case("no_output_at_all_can_be_wanted", "import logging\ndef handler(inputs, context):\n  logging.info('xyz')\n  logging.info('xyz')\n  return 1")
            .output_bytes(0)
            .value("1")
            .output_between(1, 3),
        case("raw_output_over_the_limit_is_cut_and_fails_nothing", "def handler(inputs, context):\n  for _ in range(200): print('x' * 10000)\n  return 1")
            .output_bytes(1000)
            .value("1")
            .output_between(1001, 20_000),
        case("many_small_messages_all_arrive", "import logging\ndef handler(inputs, context):\n  for _ in range(5000): logging.info('12345')")
            .unset()
            .output_between(25_000, 25_000),
        case("large_inputs_arrive_whole", "def handler(inputs, context):\n  return len(inputs)")
            .inputs(format!("\"{}\"", "é".repeat(1_000_000)))
            .value("1000000"),
    ]
}
