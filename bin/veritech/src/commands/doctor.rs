//! `veritech doctor`: what this host can do, and what to do about the rest.

mod matrix;

use sandbox::Check;
use serde_json::json;

use self::matrix::Matrix;
use super::engine;
use crate::cli::{DoctorArgs, ReportFormat};
use crate::config::Settings;
use crate::exit::Exit;
use crate::terminal::print_line;

/// Checks the host and shows what was found.
pub(crate) async fn run(settings: Settings, arguments: DoctorArgs) -> anyhow::Result<Exit> {
    let checks = engine::check_host(&settings).await?;
    let matrix = Matrix::of(engine::capabilities(&settings).await);
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
            let report = json!({
                "ok": usable,
                "checks": checks,
                "capabilities": matrix.json(),
            });
            print_line(&report.to_string())?;
        }
        ReportFormat::Text => {
            for check in &checks {
                print_check(check)?;
            }
            print_line("\nwhat enforces each limit (* on this host):")?;
            for line in matrix.lines() {
                print_line(&line)?;
            }
        }
    }
    Ok(if usable {
        Exit::Success
    } else {
        Exit::Infrastructure
    })
}

fn print_check(check: &Check) -> anyhow::Result<()> {
    let mark = match (check.ok, check.required) {
        (true, _) => "ok  ",
        (false, true) => "FAIL",
        (false, false) => "note",
    };
    print_line(&format!("{mark}  {:24} {}", check.name, check.detail))?;
    if let Some(fix) = &check.fix {
        print_line(&format!("      fix: {fix}"))?;
    }
    Ok(())
}
