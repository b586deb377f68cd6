//! The capability matrix, with what holds on this host.

use sandbox::{Case, EngineKind, Limit, Network};
use serde_json::{Value, json};

use crate::commands::engine::Offered;

/// What enforces the limits, by engine, host and images.
#[derive(Debug)]
pub(super) struct Matrix {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    engine: EngineKind,
    networks: &'static [Network],
    case: Case,
    holds_here: bool,
}

impl Matrix {
    /// Builds it of what the engines say.
    pub(super) fn of(engines: Vec<Offered>) -> Self {
        let rows = engines.into_iter().flat_map(|offered| {
            let Offered { everywhere, here } = offered;
            // A host may have something between what all others have.
            let between: Vec<Case> = here
                .iter()
                .filter(|case| !everywhere.cases.contains(case))
                .cloned()
                .collect();
            let row = move |case: Case| Row {
                engine: everywhere.engine,
                networks: everywhere.networks,
                holds_here: here.contains(&case),
                case,
            };
            everywhere.cases.into_iter().chain(between).map(row)
        });
        Self {
            rows: rows.collect(),
        }
    }

    /// Returns it as data.
    pub(super) fn json(&self) -> Vec<Value> {
        self.rows.iter().map(Row::json).collect()
    }

    /// Returns it as lines of text, in columns.
    pub(super) fn lines(&self) -> Vec<String> {
        let names = Limit::ALL.map(|limit| limit.name().to_owned());
        let mut table = vec![
            ["  engine", "host", "images"]
                .map(str::to_owned)
                .into_iter()
                .chain(names)
                .chain(["networks".to_owned()])
                .collect(),
        ];
        table.extend(self.rows.iter().map(Row::cells));
        in_columns(&table)
    }
}

impl Row {
    fn json(&self) -> Value {
        let limits: serde_json::Map<String, Value> = self
            .case
            .enforcement
            .table()
            .map(|(limit, mechanism)| (limit.name().to_owned(), mechanism.name().into()))
            .collect();
        let networks: Vec<&str> = self.networks.iter().map(|network| network.name()).collect();
        json!({
            "engine": self.engine.to_string(),
            "host": self.case.host,
            "images": self.case.images,
            "limits": limits,
            "networks": networks,
            "here": self.holds_here,
        })
    }

    fn cells(&self) -> Vec<String> {
        let mark = if self.holds_here { '*' } else { ' ' };
        let networks: Vec<&str> = self.networks.iter().map(|network| network.name()).collect();
        let mechanisms = self.case.enforcement.table().map(|(_, by)| by.to_string());
        [
            format!("{mark} {}", self.engine),
            self.case.host.clone(),
            self.case.images.to_owned(),
        ]
        .into_iter()
        .chain(mechanisms)
        .chain([networks.join(", ")])
        .collect()
    }
}

/// Pads cells, so that those of a column are equally wide.
fn in_columns(table: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = table.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    table
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(column, cell)| format!("{cell:0$}", width(column)))
                .collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use sandbox::{Capabilities, Enforcement, Mechanism};

    use super::*;

    fn case(host: &str, cpu: Mechanism) -> Case {
        Case {
            host: host.to_owned(),
            images: "all",
            enforcement: Enforcement {
                memory: Mechanism::CgroupV1,
                cpu,
                cpu_time: Mechanism::Sampled,
                processes: Mechanism::CgroupV1,
                disk: Mechanism::Tmpfs,
            },
        }
    }

    fn matrix(here: Case) -> Matrix {
        Matrix::of(vec![Offered {
            everywhere: Capabilities {
                engine: EngineKind::Native,
                needs: "",
                identities: "",
                networks: &[Network::None],
                cases: vec![case("whole", Mechanism::CgroupV1)],
            },
            here: vec![here],
        }])
    }

    #[test]
    fn what_holds_here_is_marked() {
        let lines = matrix(case("whole", Mechanism::CgroupV1)).lines();

        assert_eq!(
            lines,
            [
                "  engine  host   images  memory_bytes  cpus       cpu_time_ms  processes  disk_bytes  networks",
                "* native  whole  all     cgroup-v1     cgroup-v1  sampled      cgroup-v1  tmpfs       none",
            ]
        );
    }

    #[test]
    fn a_host_between_the_others_has_a_row_of_its_own() {
        let rows = matrix(case("whole without cpu", Mechanism::Affinity)).json();

        let here: Vec<&Value> = rows.iter().map(|row| &row["here"]).collect();
        assert_eq!(here, [false, true]);
        assert_eq!(rows[1]["limits"]["cpus"], "affinity");
    }
}
