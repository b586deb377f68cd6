//! How far a pull is: what the daemon says of each layer, summed up.

use std::collections::HashMap;

use bollard::models::CreateImageInfo;
use sandbox::Phase;

/// The most layers that are told apart; images have at most 127.
const MOST_LAYERS: usize = 256;

/// How far a pull is.
#[derive(Debug, Default)]
pub(crate) struct PullProgress {
    layers: HashMap<String, Layer>,
}

/// How far a layer is, in bytes.
#[derive(Debug, Default)]
struct Layer {
    fetched: u64,
    size: u64,
    unpacked: u64,
}

impl PullProgress {
    /// Takes in what the daemon says, and returns how far the pull is after it.
    pub(crate) fn hear(&mut self, news: &CreateImageInfo) -> Option<(Phase, u64, u64)> {
        let (id, status) = (news.id.as_ref()?, news.status.as_deref()?);
        if !self.layers.contains_key(id) && self.layers.len() >= MOST_LAYERS {
            return None;
        }
        let layer = self.layers.entry(id.clone()).or_default();
        let figure = |figure: Option<i64>| figure.and_then(|it| u64::try_from(it).ok());
        let detail = news.progress_detail.as_ref();
        let current = figure(detail.and_then(|it| it.current));
        if let Some(size) = figure(detail.and_then(|it| it.total)) {
            layer.size = layer.size.max(size);
        }
        match status {
            "Downloading" => layer.fetched = current?.min(layer.size),
            "Verifying Checksum" | "Download complete" => layer.fetched = layer.size,
            "Extracting" => {
                layer.fetched = layer.size;
                layer.unpacked = current?.min(layer.size);
            }
            "Pull complete" => {
                layer.fetched = layer.size;
                layer.unpacked = layer.size;
            }
            _ => return None,
        }
        Some(self.sum())
    }

    fn sum(&self) -> (Phase, u64, u64) {
        let sum =
            |part: fn(&Layer) -> u64| self.layers.values().map(part).fold(0, u64::saturating_add);
        let size = sum(|layer| layer.size);
        let fetched = sum(|layer| layer.fetched);
        if fetched < size {
            (Phase::Pulling, fetched, size)
        } else {
            (Phase::Unpacking, sum(|layer| layer.unpacked), size)
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::ProgressDetail;

    use super::*;

    fn news(id: &str, status: &str, current: i64, total: i64) -> CreateImageInfo {
        CreateImageInfo {
            id: Some(id.to_owned()),
            status: Some(status.to_owned()),
            progress_detail: Some(ProgressDetail {
                current: Some(current),
                total: Some(total),
            }),
            ..CreateImageInfo::default()
        }
    }

    #[test]
    fn layers_are_summed_up_and_unpacking_follows_pulling() {
        let mut progress = PullProgress::default();

        assert_eq!(progress.hear(&news("24", "Pulling from x", 0, 0)), None);
        assert_eq!(
            progress.hear(&news("a", "Downloading", 10, 100)),
            Some((Phase::Pulling, 10, 100))
        );
        assert_eq!(
            progress.hear(&news("b", "Downloading", 20, 50)),
            Some((Phase::Pulling, 30, 150))
        );
        progress.hear(&news("b", "Download complete", 0, 0));
        assert_eq!(
            progress.hear(&news("a", "Extracting", 40, 100)),
            Some((Phase::Unpacking, 40, 150))
        );
    }

    #[test]
    fn a_daemon_that_makes_up_figures_is_not_believed_far() {
        let mut progress = PullProgress::default();

        progress.hear(&news("a", "Downloading", -1, -1));
        assert_eq!(
            progress.hear(&news("a", "Downloading", i64::MAX, 7)),
            Some((Phase::Unpacking, 0, 7))
        );
        for layer in 0..2 * MOST_LAYERS {
            progress.hear(&news(&layer.to_string(), "Downloading", 1, i64::MAX));
        }
        assert_eq!(progress.layers.len(), MOST_LAYERS);
    }
}
