//! The capability matrix, in a part of `docs/engines.md`.

/// The document.
pub(crate) const PATH: &str = "docs/engines.md";

/// Returns the tables of all engines.
#[cfg(target_os = "linux")]
pub(crate) fn matrix() -> anyhow::Result<String> {
    let engines = [
        sandbox_native::capabilities(),
        sandbox_docker::capabilities::capabilities(),
    ];
    Ok(format!("{}\n{}", limits(&engines), offers(&engines)))
}

/// There are no engines elsewhere.
#[cfg(not(target_os = "linux"))]
pub(crate) fn matrix() -> anyhow::Result<String> {
    anyhow::bail!("{PATH} can be generated on Linux only, where the engines are")
}

/// Says what enforces which limit.
#[cfg(target_os = "linux")]
fn limits(engines: &[sandbox::Capabilities]) -> String {
    let names = sandbox::Limit::ALL.map(|limit| format!("`{limit}`"));
    let mut table = Table::new(["engine", "host", "images"].map(str::to_owned), names);
    for engine in engines {
        for case in &engine.cases {
            let mechanisms = case.enforcement.table().map(|(_, by)| by.to_string());
            let about = [
                engine.engine.to_string(),
                case.host.clone(),
                case.images.to_owned(),
            ];
            table.add(about.into_iter().chain(mechanisms));
        }
    }
    table.text
}

/// Says what else each engine offers and needs.
#[cfg(target_os = "linux")]
fn offers(engines: &[sandbox::Capabilities]) -> String {
    let mut table = Table::new(
        [
            "engine",
            "networks",
            "who sandboxes are on the host",
            "needs",
        ]
        .map(str::to_owned),
        [],
    );
    for engine in engines {
        let networks: Vec<String> = engine
            .networks
            .iter()
            .map(|network| format!("`{network}`"))
            .collect();
        table.add([
            engine.engine.to_string(),
            networks.join(", "),
            engine.identities.to_owned(),
            engine.needs.to_owned(),
        ]);
    }
    table.text
}

/// A table in Markdown.
#[cfg(target_os = "linux")]
struct Table {
    text: String,
}

#[cfg(target_os = "linux")]
impl Table {
    fn new<const A: usize, const B: usize>(first: [String; A], rest: [String; B]) -> Self {
        let mut table = Self {
            text: String::new(),
        };
        table.add(first.into_iter().chain(rest));
        table.text.push_str(&"|---".repeat(A + B));
        table.text.push_str("|\n");
        table
    }

    fn add(&mut self, cells: impl IntoIterator<Item = String>) {
        for cell in cells {
            self.text.push_str("| ");
            self.text.push_str(&cell);
            self.text.push(' ');
        }
        self.text.push_str("|\n");
    }
}
