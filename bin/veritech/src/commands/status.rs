//! `veritech status`: who serves, and how busy they are.

use serde_json::{Value, json};
use veritech_client::InstanceStatus;

use super::call::connect;
use crate::cli::{ReportFormat, StatusArgs};
use crate::config::Settings;
use crate::exit::Exit;
use crate::terminal::{print_line, say};

/// The columns: a heading, and the figure's name.
const COLUMNS: [(&str, &str); 8] = [
    ("PLACES", "places"),
    ("RUNNING", "running"),
    ("WAITING", "waiting"),
    ("WARM", "warm"),
    ("REQUESTS", "requests"),
    ("OK", "succeeded"),
    ("USER", "failed_user"),
    ("SYSTEM", "failed_system"),
];

/// Asks every instance and shows what they say.
pub(crate) async fn run(settings: Settings, arguments: StatusArgs) -> anyhow::Result<Exit> {
    let mut instances = connect(&settings).await?.status().await?;
    instances.sort_by_key(name);
    match arguments.output {
        ReportFormat::Json => {
            let all: Vec<_> = instances.iter().map(row).collect();
            print_line(&Value::from(all).to_string())?;
        }
        ReportFormat::Text => table(&instances)?,
    }
    if instances.is_empty() {
        say("no dispatcher answers; start one with `veritech serve`");
        return Ok(Exit::Infrastructure);
    }
    Ok(Exit::Success)
}

fn table(instances: &[InstanceStatus]) -> anyhow::Result<()> {
    if instances.is_empty() {
        return Ok(());
    }
    let width = instances
        .iter()
        .map(|instance| name(instance).len())
        .max()
        .unwrap_or_default()
        .max("INSTANCE".len());
    let titles = COLUMNS.map(|(title, _)| title.to_owned());
    print_line(&line(width, "INSTANCE", &titles))?;
    for instance in instances {
        let figures = figures(instance);
        let values =
            COLUMNS.map(|(_, figure)| figures.get(figure).unwrap_or(&Value::Null).to_string());
        print_line(&line(width, &name(instance), &values))?;
    }
    Ok(())
}

/// One line of the table: a name, then columns that are flush right.
fn line(width: usize, name: &str, values: &[String]) -> String {
    let columns: Vec<_> = values.iter().map(|value| format!("{value:>8}")).collect();
    format!("{name:width$}  {}", columns.join("  "))
}

fn row(instance: &InstanceStatus) -> Value {
    json!({
        "instance": name(instance),
        "id": instance.id,
        "version": instance.version,
        "started": instance.started,
        "stats": figures(instance),
    })
}

fn figures(instance: &InstanceStatus) -> Value {
    let endpoint = instance.endpoints.first();
    endpoint.map_or(Value::Null, |endpoint| endpoint.data.clone())
}

/// The instance's own name, or its service id.
fn name(instance: &InstanceStatus) -> String {
    instance
        .metadata
        .get("instance")
        .cloned()
        .unwrap_or_else(|| instance.id.clone())
}
