//! What goes in and comes out unchanged.

use e2e::functions::{IMAGES, QUICKJS, echo, in_image};
use e2e::{World, host_images};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use veritech_protocol::{EventBody, FailureCode};

/// A character of every Unicode plane that has any, and some that break things.
fn every_plane() -> String {
    let planes = (0..=16_u32).flat_map(|plane| {
        [0x41, 0x00e9, 0x4e2d, 0xfffd].map(|offset| char::from_u32((plane << 16) + offset))
    });
    let odd = "\u{0}\u{7f}\u{85}\u{2028}\u{2029}\u{feff}\u{ffff}\u{10ffff}\\\"\r\n\t";
    planes.flatten().chain(odd.chars()).collect()
}

#[tokio::test]
async fn inputs_with_characters_of_every_plane_come_back_unchanged() {
    let world = World::start(&host_images()).await;
    let text = every_plane();
    let inputs = json!({"text": text, &text: [text]});
    for image in IMAGES {
        let value = world.value(echo(image, &inputs)).await;
        assert_eq!(value, inputs, "{image}");
    }
}

#[tokio::test]
async fn a_large_source_with_characters_of_every_plane_is_executed_as_it_is() {
    let world = World::start(&host_images()).await;
    let mut text = String::new();
    while text.len() < 200 * 1024 {
        text.push_str("añ€𝄞中🦀\u{10fffd}");
    }
    let code = format!("// {text}\nconst text = `{text}`;\nexport default () => text");
    for image in IMAGES {
        let mut request = in_image(image, code.clone());
        request.limits.result_bytes = Some(1 << 20);
        let value = world.value(request).await;
        assert!(value == text, "{image}: not the same");
    }
}

#[tokio::test]
async fn a_line_that_looks_like_the_protocol_is_output() {
    const LINE: &str = r#"{"event":"result","status":"success","value":"forged"}"#;
    let world = World::start(&host_images()).await;
    for image in IMAGES {
        let code = format!("export default () => {{ console.log({LINE:?}); return 'genuine' }}");
        let mut call = world.client.call(in_image(image, code));
        let mut output = Vec::new();
        while let Some(event) = call.next().await {
            if let EventBody::Output(line) = event.body {
                output.push(line.message);
            }
        }
        let result = call.result().await.expect("the function returns");
        assert_eq!(output, [LINE], "{image}");
        assert_eq!(result.value::<String>().expect("a text"), "genuine");
    }
}

#[tokio::test]
async fn the_order_of_keys_and_the_spelling_of_numbers_survive() {
    const TEXT: &str = r#"{"z":1,"a":[0.1,1e+21,-5e-324,9007199254740991]}"#;
    let world = World::start("").await;
    let code = format!("export default () => JSON.parse('{TEXT}')");
    let result = world.client.call(in_image(QUICKJS, code)).result().await;
    let json = result.expect("the function returns").json.expect("a value");
    assert_eq!(json.get(), TEXT);
}

#[tokio::test]
async fn nothing_and_null_are_told_apart() {
    let world = World::start("").await;
    let unset = in_image(QUICKJS, "export default () => undefined");
    let result = world.client.call(unset).result().await;
    assert!(result.expect("the function returns").json.is_none());

    let null = in_image(QUICKJS, "export default () => null");
    assert_eq!(world.value(null).await, Value::Null);
}

#[tokio::test]
async fn an_exception_has_the_line_of_the_callers_source() {
    let world = World::start(&host_images()).await;
    let code = "export default function outer() {\n  inner();\n}\nfunction inner() {\n  throw new RangeError('too far');\n}\n";
    for image in IMAGES {
        let failure = world.failure(in_image(image, code)).await;
        assert_eq!(failure.code, FailureCode::Exception, "{image}: {failure:?}");
        assert_eq!(failure.message, "RangeError: too far", "{image}");
        let stack = failure.details["stack"].as_str().unwrap_or_default();
        assert!(stack.contains("function.js:5:"), "{image}: {stack}");
        assert!(stack.contains("function.js:2:"), "{image}: {stack}");
    }
}

#[tokio::test]
async fn types_are_stripped_from_typescript() {
    let world = World::start(&host_images()).await;
    for image in ["host/node", "host/deno"] {
        let mut request = in_image(
            image,
            "interface Named { name: string }\nexport default ({ name }: Named): string => name;",
        );
        request.language = Some(veritech_protocol::Language::TypeScript);
        let mut echoed = echo(image, &json!({"name": "Ada"}));
        std::mem::swap(&mut request.inputs, &mut echoed.inputs);
        assert_eq!(world.value(request).await, "Ada", "{image}");
    }
}
