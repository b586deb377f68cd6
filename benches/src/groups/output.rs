//! A function that writes as fast as it can.

use anyhow::Context as _;
use e2e::World;
use e2e::functions::QUICKJS;
use futures_util::StreamExt as _;
use tokio::time::Instant;
use veritech_protocol::{EventBody, Kind, RemoteFunctionRequest};

use crate::report::target::Target;
use crate::report::{Role, Row};
use crate::timing::effort::Effort;

const LINES: u32 = 300_000;

/// Measures it.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Vec<Row>> {
    let world = World::start("places = 2\n[limits.maximum]\noutput = \"256MiB\"\n").await;
    let lines = effort.of(LINES);
    let code = format!(
        "export default () => {{ for (let n = 0; n < {lines}; n++) console.log('line', n); }}"
    );
    let mut request = RemoteFunctionRequest::new(Kind::Resolver, QUICKJS, code);
    request.limits.output_bytes = Some(256 << 20);

    let begun = Instant::now();
    let mut call = world.client.call(request);
    let mut came = 0_u32;
    while let Some(event) = call.next().await {
        if matches!(event.body, EventBody::Output(_)) {
            came += 1;
        }
    }
    let took = begun.elapsed();
    call.result().await.context("the call failed")?;
    anyhow::ensure!(came == lines, "of {lines} lines {came} came");
    let rate = f64::from(came) / took.as_secs_f64();
    Ok(vec![
        Row::new("output", Role::Veritech, "lines of one execution")
            .measuring(rate, "/s")
            .aiming(Some(Target::at_least("≥ 100000 a second", rate, 100_000.0)))
            .noted(format!("{lines} lines, from the call to its result")),
    ])
}
