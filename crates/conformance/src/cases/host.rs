//! What a function finds around it.

use crate::case::{Case, case};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("timers_fire_in_order", "export default async () => { const seen = []; const late = setTimeout(() => seen.push(3), 60_000); await new Promise(r => { setTimeout(() => { seen.push(2); r() }, 200); setTimeout(() => seen.push(1), 1) }); clearTimeout(late); return seen }")
            .value("[1,2]"),
        case("cleared_timers_do_not_fire", "export default async () => { let n = 0; clearTimeout(setTimeout(() => n++, 1)); await new Promise(r => { const i = setInterval(() => { if (++n === 3) { clearInterval(i); setTimeout(r, 30) } }, 1) }); return n }")
            .value("3"),
        case("timers_pass_arguments", "export default () => new Promise(r => setTimeout(r, 1, 'x'))").value(r#""x""#),
        case("microtasks_run_before_timers", "export default async () => { const seen = []; setTimeout(() => seen.push('t'), 0); queueMicrotask(() => seen.push('m')); await new Promise(r => setTimeout(r, 30)); return seen }")
            .value(r#"["m","t"]"#),
        case("random_uuids_are_version_four", "export default () => [crypto.randomUUID(), crypto.randomUUID()]")
            .value_like("two different version 4 UUIDs", |value| {
                let uuid = |index| value.get(index).and_then(|uuid: &serde_json::Value| uuid.as_str());
                let (one, other) = (uuid(0), uuid(1));
                one != other && one.is_some_and(|one| one.len() == 36 && one.get(14..15) == Some("4"))
            }),
        case("random_values_fill_an_array", "export default () => { const a = crypto.getRandomValues(new Uint8Array(64)); return a.some(b => b !== 0) && a.length }")
            .value("64"),
        case("urls_are_parsed", "export default () => { const u = new URL('/a?b=1&b=2#c', 'https://user@example.com:8443/x'); return [u.host, u.pathname, u.searchParams.getAll('b'), u.hash, u.href] }")
            .value(r##"["example.com:8443","/a",["1","2"],"#c","https://user@example.com:8443/a?b=1&b=2#c"]"##),
        case("an_invalid_url_throws", "export default () => { try { new URL('nope') } catch (e) { return e instanceof TypeError } }")
            .value("true"),
        case("text_is_encoded_and_decoded", "export default () => { const b = new TextEncoder().encode('é😀'); return [[...b], new TextDecoder().decode(b)] }")
            .value("[[195,169,240,159,152,128],\"é😀\"]"),
        case("structured_clone_copies_deeply", "export default () => { const a = { d: new Date(0), m: new Map([[1, { x: 1 }]]) }; a.self = a; const b = structuredClone(a); return [b !== a, b.self === b, b.d.getTime(), b.m.get(1).x, b.m !== a.m] }")
            .value("[true,true,0,1,true]"),
        case("base64_goes_both_ways", "export default () => [btoa('hello'), atob('aGVsbG8='), (() => { try { btoa('é😀') } catch { return 'threw' } })()]")
            .value(r#"["aGVsbG8=","hello","threw"]"#),
        case("modern_syntax_is_understood", "class A { #x = 1; static { A.y = 2 } get x() { return this.#x } }\nexport default () => [new A().x, A.y, [1, 2, 3].at(-1), { a: null }.a?.b ?? 'n', 1_000, Object.fromEntries([['a', 1]])]")
            .value(r#"[1,2,3,"n",1000,{"a":1}]"#),
        case("regular_expressions_know_unicode", r"export default () => 'Größe'.match(/\p{Lu}(?<rest>\p{L}+)/u).groups.rest")
            .value("\"röße\""),
        case("generators_and_iterators_work", "function* g() { yield 1; yield* [2, 3] }\nexport default async () => { const out = [...g()]; for await (const x of (async function* () { yield 4 })()) out.push(x); return out }")
            .value("[1,2,3,4]"),
        case("the_module_is_named", "export default () => import.meta.url === undefined || typeof import.meta.url === 'string'")
            .value("true"),
    ]
}
