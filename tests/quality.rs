//! Quality, honestly: the engines against the twin, the metrics against other programs' values, and whether degraded,
//! broken and doubled images are found for what they are. docs/QUALITY.md tells the measured numbers.

mod archive;
#[path = "quality/clinical.rs"]
mod clinical;
#[path = "quality/command.rs"]
mod command;
#[path = "quality/degrade.rs"]
mod degrade;
#[path = "quality/engines.rs"]
mod engines;
#[path = "quality/found.rs"]
mod found;
#[path = "quality/frames.rs"]
mod frames;
mod made_frames;
#[path = "quality/manual.rs"]
mod manual;
#[path = "quality/published.rs"]
mod published;
#[path = "quality/series.rs"]
mod series;
#[path = "quality/spared.rs"]
mod spared;
#[path = "quality/worse.rs"]
mod worse;
