//! Bounds on output, value, memory and time.

use crate::harness::function;

#[test]
fn a_message_over_the_bound_is_cut_between_characters_and_the_last() {
    let report = function(
        "export default () => { console.log('é'.repeat(100)); console.log('more'); return 1 }",
    )
    .with("output_bytes", 50)
    .run();
    assert_eq!(report.messages(), ["é".repeat(26)]);
    assert_eq!(report.value(), "1");
}

#[test]
fn messages_go_out_until_their_bound_is_exceeded() {
    let report =
        function("export default () => { for (let i = 0; i < 9; i++) console.log('12345') }")
            .with("output_bytes", 11)
            .run();
    assert_eq!(report.messages().len(), 3, "{}", report.raw);
}

#[test]
fn a_value_may_be_as_large_as_its_limit() {
    let code = "export default () => 'é'.repeat(49)";
    assert_eq!(
        function(code).with("result_bytes", 100).run().value().len(),
        100
    );

    let failure = function(code).with("result_bytes", 99).run().failure();
    assert_eq!(failure["code"], "result_too_large");
    assert_eq!(failure["details"]["limit"], 99);
    assert_eq!(failure["details"]["bytes"], 100);
}

#[test]
fn a_value_that_would_be_endless_is_too_large() {
    let code =
        "export default () => { let v = 'x'; for (let i = 0; i < 60; i++) v = [v, v]; return v }";
    let failure = function(code).with("result_bytes", 1000).run().failure();
    assert_eq!(failure["code"], "result_too_large");
}

#[test]
fn a_function_that_runs_out_of_memory_is_told_so() {
    for code in [
        "export default () => { const a = []; for (;;) a.push(new Array(1000).fill(1)) }",
        "export default () => { const a = []; for (let i = 0; ; i++) a.push({ i }) }",
        "globalThis.a = []; export default async () => { for (;;) { a.push('x'.repeat(1e5) + a.length); await null } }",
        "export default () => new Uint8Array(1e9)",
    ] {
        let failure = function(code).memory_kib(32 << 10).run().failure();
        assert_eq!(failure["code"], "exception", "{code}");
        assert_eq!(failure["message"], "InternalError: out of memory", "{code}");
    }
}

#[test]
fn running_out_of_memory_can_be_caught() {
    let code = "export default () => { try { const a = []; for (;;) a.push(new Array(1000).fill(1)) } catch (e) { return e.message } }";
    let report = function(code).memory_kib(32 << 10).run();
    assert_eq!(report.value(), r#""out of memory""#);
}

#[test]
fn a_runner_that_nobody_ends_ends_itself() {
    let endless = [
        "export default () => { for (;;) {} }",
        "export default async () => { for (;;) await null }",
        "export default () => { try { for (;;) {} } catch { return 1 } }",
        "export default () => new Promise((resolve) => setTimeout(resolve, 1e8))",
    ];
    std::thread::scope(|scope| {
        for code in endless {
            scope.spawn(move || {
                let report = function(code).with("timeout_ms", 1).run();
                assert!(!report.status.success(), "{code}");
                assert_eq!(report.events.len(), 1, "{code}: {}", report.raw);
            });
        }
    });
}
