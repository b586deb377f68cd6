//! What was measured, and how it is shown.

pub(crate) mod comparison;
pub(crate) mod grid;
pub(crate) mod plot;
pub(crate) mod results;
pub(crate) mod table;
pub(crate) mod target;

use serde::{Deserialize, Serialize};

use self::plot::Plot;
use self::target::Target;
use crate::rig::host::Host;
use crate::timing::load::Load;
use crate::timing::samples::{Samples, Summary};

/// Everything of one run. Its JSON is what `--save` writes and `--compare` reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) host: Host,
    /// How much was measured.
    pub(crate) effort: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) plots: Vec<Plot>,
}

/// What a row is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// What nothing here can beat.
    Floor,
    Veritech,
    /// What others do.
    Peer,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) group: String,
    /// What it is; unlike every other of its group.
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) times: Option<Summary>,
    pub(crate) per_second: Option<f64>,
    /// What is measured where that is no time.
    pub(crate) figure: Option<Figure>,
    pub(crate) target: Option<Target>,
    /// What must be known to read it; why it was not measured, if it was not.
    pub(crate) note: Option<String>,
}

/// A number and its unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    pub(crate) unit: String,
}

impl Row {
    /// Returns a row in which nothing is measured yet.
    pub(crate) fn new(group: &str, role: Role, name: impl Into<String>) -> Self {
        Self {
            group: group.to_owned(),
            name: name.into(),
            role,
            times: None,
            per_second: None,
            figure: None,
            target: None,
            note: None,
        }
    }

    /// Says what the times come to, or why there are none.
    pub(crate) fn timed(mut self, outcome: anyhow::Result<Samples>) -> Self {
        match outcome {
            Ok(samples) => self.times = samples.summary(),
            Err(error) => return self.missing(&error),
        }
        self
    }

    /// Says what came of a load.
    pub(crate) fn loaded(mut self, load: &Load) -> Self {
        self.times = load.samples.summary();
        self.per_second = Some(load.per_second());
        if let Some(failure) = &load.first_failure {
            let all = u64::from(load.failed) + u64::from(load.succeeded);
            self = self.noted(format!("{} of {all} calls failed: {failure}", load.failed));
        }
        self
    }

    /// Gives a number that is no time.
    pub(crate) fn measuring(mut self, value: f64, unit: &str) -> Self {
        self.figure = Some(Figure {
            value,
            unit: unit.to_owned(),
        });
        self
    }

    /// Says why nothing was measured.
    pub(crate) fn missing(self, why: &anyhow::Error) -> Self {
        self.noted(format!("not measured: {why:#}"))
    }

    /// Adds what must be known to read it.
    pub(crate) fn noted(mut self, note: impl Into<String>) -> Self {
        // One line of a table, whatever a program has said.
        let note = note.into().split_whitespace().collect::<Vec<_>>().join(" ");
        self.note = Some(match self.note {
            Some(earlier) => format!("{earlier}; {note}"),
            None => note,
        });
        self
    }

    /// Says what is wanted of it, where everything was measured that this depends on.
    pub(crate) fn aiming(mut self, target: Option<Target>) -> Self {
        self.target = target;
        self
    }

    /// Returns the median in milliseconds, if it was measured.
    pub(crate) fn p50_ms(&self) -> Option<f64> {
        self.times.as_ref().map(|times| times.p50_ms)
    }

    /// Returns whether anything was measured.
    pub(crate) fn is_measured(&self) -> bool {
        self.times.is_some() || self.per_second.is_some() || self.figure.is_some()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a report with these rows.
    pub(crate) fn report(rows: Vec<Row>) -> Report {
        Report {
            host: Host {
                date: "2026-01-02T03:04:05Z".to_owned(),
                commit: "0123456789ab".to_owned(),
                cpu: "A processor".to_owned(),
                cores: 2,
                kernel: "6.1.0".to_owned(),
                memory_mib: 1024,
                load_before: Some(0.1),
            },
            effort: "quick".to_owned(),
            rows,
            plots: Vec::new(),
        }
    }

    /// Returns a row with this median.
    pub(crate) fn timed(group: &str, name: &str, p50_ms: f64) -> Row {
        Row {
            times: Some(Summary {
                count: 10,
                min_ms: p50_ms / 2.0,
                p50_ms,
                p95_ms: p50_ms * 2.0,
                p99_ms: p50_ms * 3.0,
                max_ms: p50_ms * 4.0,
                cpu_ms: Some(1.5),
                memory_mib: None,
            }),
            ..Row::new(group, Role::Veritech, name)
        }
    }

    #[test]
    fn a_report_survives_being_saved() {
        let row = timed("quickjs", "warm", 1.25)
            .aiming(Some(Target::at_most("≤ 2 ms", 1.25, 2.0).beside(0.5)))
            .noted("a note");
        let report = report(vec![row]);
        let text = serde_json::to_string(&report).expect("it is written");
        let read: Report = serde_json::from_str(&text).expect("it is read");
        assert_eq!(read, report);
    }

    #[test]
    fn a_row_that_could_not_be_measured_says_why_in_one_line() {
        let error = anyhow::anyhow!("no such\nprogram").context("crun");
        let row = Row::new("peers", Role::Peer, "crun").timed(Err(error));
        let note = row.note.as_deref();
        assert_eq!(note, Some("not measured: crun: no such program"));
        assert!(!row.is_measured());
    }

    #[test]
    fn calls_that_failed_are_told() {
        let load = Load {
            succeeded: 3,
            failed: 1,
            first_failure: Some("overloaded".to_owned()),
            ..Load::default()
        };
        let row = Row::new("burst", Role::Veritech, "200 calls").loaded(&load);
        let note = row.note.as_deref();
        assert_eq!(note, Some("1 of 4 calls failed: overloaded"));
    }
}
