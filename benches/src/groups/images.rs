//! Many images that share one pool.

use std::cell::Cell;

use e2e::World;
use testkit::{Image, ImageBuilder, Layer, Registry};

use super::Measured;
use crate::report::plot::{Bar, Plot};
use crate::report::{Role, Row};
use crate::rig::calls::{call, trivial};
use crate::timing::effort::Effort;
use crate::timing::load::closed;

const GROUP: &str = "images";

/// How many images are called, in each case.
const CASES: [u32; 3] = [1, 10, 100];

/// How many callers ask for the next value as soon as they have one.
const CALLERS: u32 = 4;

/// Measures how many calls are answered when they are for one image, ten, a hundred.
pub(crate) async fn measure(effort: Effort) -> anyhow::Result<Measured> {
    let registry = Registry::start().await;
    let most = CASES.into_iter().max().unwrap_or_default();
    for number in 0..effort.of(most) {
        let repository = format!("bench/quickjs-{number}");
        registry.push(&image(number), &repository, "latest").await;
    }
    let mut measured = Measured::default();
    let mut bars = Vec::new();
    for count in CASES {
        let row = called(&registry, effort.of(count), effort).await?;
        bars.extend(row.per_second.map(|value| Bar {
            label: count.to_string(),
            value,
        }));
        measured.rows.push(Row {
            name: format!("{count} in turn, one pool of 16, QuickJS"),
            ..row
        });
    }
    measured.plots.push(Plot {
        name: "images".to_owned(),
        title: "QuickJS, each call in a fresh sandbox, one pool of 16".to_owned(),
        case: "distinct images, called in turn".to_owned(),
        figure: "calls per second".to_owned(),
        bars,
    });
    Ok(measured)
}

/// Returns an image with the QuickJS runner that is like no other.
fn image(number: u32) -> Image {
    let layer = Layer::default()
        .directory("veritech")
        .file("veritech/cyclone", 0o755, builtin::CYCLONE)
        .file("veritech/quickjs", 0o755, builtin::QUICKJS);
    ImageBuilder::default()
        .label("org.veritech.runner", "/veritech/quickjs")
        .label("org.veritech.languages", "javascript")
        .layer(layer)
        .layer(Layer::default().file("number", 0o644, number.to_string().as_bytes()))
        .build()
}

async fn called(registry: &Registry, count: u32, effort: Effort) -> anyhow::Result<Row> {
    let repository = format!("{}/bench", registry.name());
    let store = tempfile::tempdir()?;
    let images: Vec<_> = (0..count)
        .map(|number| format!("{repository}/quickjs-{number}"))
        .collect();
    let pools: String = images
        .iter()
        .map(|image| format!("{image:?} = {{ max = 8 }}\n"))
        .collect();
    let configuration = format!(
        "places = {CALLERS}\npool_max = 16\n[store]\npath = {:?}\n\
         [[images]]\npattern = {:?}\n[pool]\n{pools}",
        store.path(),
        format!("{repository}/*"),
    );
    let world = World::start(&configuration).await;
    for image in &images {
        // Pulls it.
        call(&world.client, trivial(image), None).await?;
    }
    let turn = Cell::new(0_usize);
    let one = || {
        let image = images.get(turn.get() % images.len().max(1));
        turn.set(turn.get().wrapping_add(1));
        let request = trivial(image.map_or("", String::as_str));
        call(&world.client, request, None)
    };
    let load = closed(CALLERS, effort.stretch(), one).await;
    Ok(Row::new(GROUP, Role::Veritech, String::new()).loaded(&load))
}
