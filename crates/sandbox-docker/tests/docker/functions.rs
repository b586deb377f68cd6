//! Functions run in containers.

use super::support::{engine, prepare, run, spec};

const GREET: &str = "export default ({ name }) => ({ greeting: `Hello, ${name}` })";

#[tokio::test]
async fn quickjs_runs_a_function_in_the_image_that_the_engine_brings_along() {
    let engine = engine().await;
    let image = prepare(&engine, "builtin/quickjs", "latest").await;
    assert_eq!(image.languages, ["javascript"]);

    let result = run(&engine, spec(1, image), GREET).await;

    assert_eq!(result, r#"{"greeting":"Hello, Ada"}"#);
}
