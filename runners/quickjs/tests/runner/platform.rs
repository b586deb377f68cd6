//! What a function finds around it.

use crate::harness::{evaluated, function, value};

#[test]
fn timers_fire_in_order_and_can_be_cleared() {
    let code = "export default async () => {
        const seen = [];
        const late = setTimeout(() => seen.push('late'), 60_000);
        setImmediate((x) => seen.push(x), 'at once');
        setTimeout((x) => seen.push(x), 1, 'soon');
        clearTimeout(setTimeout(() => seen.push('never'), 1));
        queueMicrotask(() => seen.push('microtask'));
        await new Promise((resolve) => { let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); resolve() } }, 10) });
        clearTimeout(late);
        return seen;
    }";
    assert_eq!(value(code), r#"["microtask","at once","soon"]"#);
}

#[test]
fn a_timer_can_be_refreshed_and_closed() {
    let code = "export default async () => {
        let fired = 0;
        const timer = setTimeout(() => fired++, 1);
        const known = [timer.hasRef(), timer.unref().hasRef(), timer.ref().hasRef(), typeof +timer];
        timer.close();
        clearTimeout(undefined); clearTimeout({}); clearTimeout('x'); clearTimeout(-1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return [fired, ...known];
    }";
    assert_eq!(value(code), r#"[0,true,false,true,"number"]"#);
}

#[test]
fn urls_follow_the_standard() {
    assert_eq!(
        value(
            "export default () => {
                const url = new URL('../x?b=2&a=é#h', 'HTTPS://user@Example.COM:443/p/q/r');
                url.searchParams.append('c', '1 &');
                url.searchParams.sort();
                url.port = '8443';
                return [url.href, url.origin, url.host, url.pathname, url.search, [...url.searchParams.keys()], JSON.stringify(url)];
            }"
        ),
        r##"["https://user@example.com:8443/p/x?a=%C3%A9&b=2&c=1+%26#h","https://example.com:8443","example.com:8443","/p/x","?a=%C3%A9&b=2&c=1+%26",["a","b","c"],"\"https://user@example.com:8443/p/x?a=%C3%A9&b=2&c=1+%26#h\""]"##
    );
    assert_eq!(
        value(
            "export default () => { try { new URL('nope') } catch (e) { return [e instanceof TypeError, e.code, URL.canParse('x:'), URL.parse('nope')] } }"
        ),
        r#"[true,"ERR_INVALID_URL",true,null]"#
    );
    assert_eq!(
        evaluated(
            "((p) => [p.get('a'), p.getAll('b'), p.has('c'), p.size, String(p)])(new URLSearchParams({ a: '1', b: 'x y' }))"
        ),
        r#"["1",["x y"],false,2,"a=1&b=x+y"]"#
    );
}

#[test]
fn text_is_encoded_and_decoded_also_in_pieces() {
    let code = "export default () => {
        const bytes = new TextEncoder().encode('aé😀\\ud800');
        const decoder = new TextDecoder();
        let text = '';
        for (const byte of bytes) text += decoder.decode(Uint8Array.of(byte), { stream: true });
        return [[...bytes], text + decoder.decode()];
    }";
    assert_eq!(
        value(code),
        "[[97,195,169,240,159,152,128,239,191,189],\"aé😀\u{fffd}\"]"
    );
    assert_eq!(
        evaluated(
            "[new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65, 0xff, 0xe9)), new TextDecoder().decode()]"
        ),
        "[\"A\u{fffd}\u{fffd}\",\"\"]"
    );
    assert_eq!(
        value(
            "export default () => { try { new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(255)) } catch (e) { return e.name } }"
        ),
        r#""TypeError""#
    );
    assert_eq!(
        evaluated("new TextEncoder().encodeInto('é😀', new Uint8Array(5))"),
        r#"{"read":1,"written":2}"#
    );
}

#[test]
fn structured_clone_copies_what_it_can_and_refuses_the_rest() {
    let code = "export default () => {
        const bytes = Uint8Array.of(1, 2, 3).subarray(1);
        const source = { date: new Date(5), map: new Map([[1, new Set(['x'])]]), error: new RangeError('m', { cause: 1 }), re: /a/gi, bytes, buffer: bytes.buffer, list: [1, , 3] };
        source.self = source;
        const copy = structuredClone(source);
        return [
            copy !== source && copy.self === copy, copy.date.getTime(), copy.map.get(1).has('x'),
            copy.error instanceof RangeError, copy.error.message, copy.error.cause, String(copy.re),
            [...copy.bytes], copy.bytes.buffer === copy.buffer && copy.buffer !== bytes.buffer, 1 in copy.list,
        ];
    }";
    assert_eq!(
        value(code),
        r#"[true,5,true,true,"m",1,"/a/gi",[2,3],true,false]"#
    );
    for refused in [
        "() => 1",
        "Symbol('s')",
        "{ f() {} }",
        "new WeakMap()",
        "Promise.resolve()",
    ] {
        let code = format!(
            "export default () => {{ try {{ structuredClone({refused}) }} catch (e) {{ return [e.name, e instanceof DOMException] }} }}"
        );
        assert_eq!(value(&code), r#"["DataCloneError",true]"#, "{refused}");
    }
}

#[test]
fn base64_and_random_bytes_are_there() {
    assert_eq!(
        evaluated("[btoa('hello'), atob('aGVsbG8=')]"),
        r#"["aGVsbG8=","hello"]"#
    );
    assert_eq!(
        value("export default () => { try { btoa('é😀') } catch (e) { return e.name } }"),
        r#""InvalidCharacterError""#
    );
    let uuid = evaluated("crypto.randomUUID()");
    assert_ne!(uuid, evaluated("crypto.randomUUID()"));
    assert_eq!(uuid.get(15..16), Some("4"), "{uuid}");
    assert_eq!(
        evaluated("crypto.getRandomValues(new Uint32Array(64)).some((n) => n > 65535)"),
        "true"
    );
    assert_eq!(
        value(
            "export default () => { try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return e.name } }"
        ),
        r#""QuotaExceededError""#
    );
}

#[test]
fn a_large_source_with_every_sort_of_character_is_evaluated() {
    let text = "aéж漢😀\u{10fffd}".repeat(13_000);
    let report = function(&format!("export default () => [...`{text}`].length")).run();
    assert!(text.len() > 200_000);
    assert_eq!(report.value(), "78000");
}

#[test]
fn there_is_a_clock() {
    assert_eq!(
        evaluated("[performance.now() >= 0, Date.now() > 1.7e12, typeof performance.timeOrigin]"),
        r#"[true,true,"number"]"#
    );
}
