//! What is measured together.

mod burst;
mod dispatchers;
mod docker;
mod idle;
mod images;
mod latency;
mod load;
mod output;
mod peers;
mod zygotes;

use clap::ValueEnum;

use crate::report::Row;
use crate::report::plot::Plot;
use crate::timing::effort::Effort;

/// A part of the table; everything of it is measured in the same minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// One call at a time on QuickJS, beside what it is made of.
    Quickjs,
    /// The same on Node.js.
    Node,
    /// The same on Deno.
    Deno,
    /// As many calls as are answered, and half as many at a steady rate.
    Load,
    /// Calls whose sandboxes are forked from warm runtimes.
    Zygotes,
    /// Calls in containers, beside Docker alone.
    Docker,
    /// The same function, executed by others.
    Peers,
    /// Two hundred calls at once.
    Burst,
    /// One, two and four dispatchers on one NATS server.
    Dispatchers,
    /// One, ten and a hundred images that share one pool.
    Images,
    /// What is there while nothing is called.
    Idle,
    /// A function that writes as fast as it can.
    Output,
}

impl Group {
    /// Measures it.
    pub(crate) async fn measure(self, effort: Effort) -> anyhow::Result<Measured> {
        let rows = match self {
            Self::Dispatchers => return dispatchers::measure(effort).await,
            Self::Images => return images::measure(effort).await,
            Self::Quickjs => latency::quickjs(effort).await,
            Self::Node => latency::node(effort).await,
            Self::Deno => latency::deno(effort).await,
            Self::Load => load::measure(effort).await,
            Self::Zygotes => zygotes::measure(effort).await,
            Self::Docker => docker::measure(effort).await,
            Self::Peers => peers::measure(effort).await,
            Self::Burst => burst::measure(effort).await,
            Self::Idle => idle::measure(effort).await,
            Self::Output => output::measure(effort).await,
        };
        rows.map(Measured::from)
    }

    /// Returns its name, as `--only` takes it.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What came of a group.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) rows: Vec<Row>,
    pub(crate) plots: Vec<Plot>,
}

impl From<Vec<Row>> for Measured {
    fn from(rows: Vec<Row>) -> Self {
        Self {
            rows,
            plots: Vec::new(),
        }
    }
}
