//! `veritech doctor`: what this host can do, and what to do about the rest.

use serde_json::json;

use super::engine;
use crate::cli::{DoctorArgs, ReportFormat};
use crate::config::Settings;
use crate::exit::Exit;
use crate::terminal::print_line;

/// Checks the host and shows what was found.
pub(crate) async fn run(settings: Settings, arguments: DoctorArgs) -> anyhow::Result<Exit> {
    let checks = engine::check_host(&settings).await;
    let usable = checks.iter().all(|check| check.ok || !check.required);
    match arguments.output {
        ReportFormat::Json => {
            let checks: Vec<_> = checks
                .iter()
                .map(|check| {
                    json!({
                        "name": check.name,
                        "ok": check.ok,
                        "required": check.required,
                        "detail": check.detail,
                        "fix": check.fix,
                    })
                })
                .collect();
            print_line(&json!({"ok": usable, "checks": checks}).to_string())?;
        }
        ReportFormat::Text => {
            for check in &checks {
                let mark = match (check.ok, check.required) {
                    (true, _) => "ok  ",
                    (false, true) => "FAIL",
                    (false, false) => "note",
                };
                print_line(&format!("{mark}  {:24} {}", check.name, check.detail))?;
                if let Some(fix) = &check.fix {
                    print_line(&format!("      fix: {fix}"))?;
                }
            }
        }
    }
    Ok(if usable {
        Exit::Success
    } else {
        Exit::Infrastructure
    })
}
