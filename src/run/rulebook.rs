//! The rules that a run follows: those of the program, or files of the user's own that stand for them.

use crate::deid::burned_in::MaskRule;
use crate::deid::burned_in::rules as burned_in;
use crate::deid::key::hex;
use crate::error::{Fault, Result};
use crate::join::alerts::{self, Rules};
use crate::join::population::{self, Weights};
use crate::score;
use sha2::{Digest, Sha256};
use std::path::Path;

/// All rule files, read and checked.
#[derive(Clone, Debug)]
pub struct RuleBook {
    /// Results that somebody should be told of.
    pub alerts: Rules,
    /// Population score and classes of medicines.
    pub population: Weights,
    /// What lowers an image's quality score.
    pub quality: score::Rules,
    /// Where burned-in text stands, and what is text by nature; `None` for the shipped ones.
    pub burned_in: Option<Vec<MaskRule>>,
    digest: String,
}

/// The files that a folder of rules may hold, with the texts that stand for those it does not.
const FILES: [(&str, &str); 4] = [
    (alerts::FILE, include_str!("../../rules/alerts.toml")),
    (population::FILE, include_str!("../../rules/population.toml")),
    (score::rules::FILE, score::rules::SHIPPED),
    (burned_in::FILE, burned_in::SHIPPED),
];

impl RuleBook {
    /// The shipped rules, each replaced by the file of its name in `folder`.
    ///
    /// # Errors
    /// A folder that cannot be read, holds a `.toml` file of another name (it would be followed by nobody), or a file that
    /// is no such rules.
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let mut texts = FILES.map(|(name, text)| (name, text.to_owned()));
        if let Some(folder) = folder {
            let unreadable = |path: &Path, error: std::io::Error| {
                Fault::config("--rules", "cannot be read", format!("{}: {error}", path.display()))
            };
            for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
                let path = entry.map_err(|error| unreadable(folder, error))?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                match texts.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, text)) => {
                        *text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                    }
                    None if name.ends_with(".toml") => {
                        let known = FILES.map(|(name, _)| name).join(", ");
                        let told = format!("{name}; known are {known}");
                        return Err(Fault::config("--rules", "no rule file of this name", told));
                    }
                    None => {}
                }
            }
        }
        let mut digest = Sha256::new();
        for (name, text) in &texts {
            digest.update(name.as_bytes());
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text.as_bytes());
        }
        let [(_, alerts), (_, population), (_, quality), (_, masks)] = &texts;
        Ok(Self {
            alerts: Rules::parse(alerts)?,
            population: Weights::parse(population)?,
            quality: score::Rules::parse(quality)?,
            burned_in: if masks == burned_in::SHIPPED { None } else { Some(burned_in::parse(masks)?) },
            digest: hex(&digest.finalize()),
        })
    }

    /// SHA-256 over all rules.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_for_the_shipped_one_of_its_name() {
        let shipped = RuleBook::open(None).unwrap();
        assert_eq!(shipped.alerts, Rules::shipped().unwrap());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("README"), "mine").unwrap();
        let rule = "[[rule]]\nname='x'\nseverity='HIGH'\ncodes=['A']\nunit='g'\nabove=1";
        std::fs::write(folder.path().join("alerts.toml"), rule).unwrap();
        let own = RuleBook::open(Some(folder.path())).unwrap();
        assert_eq!(own.alerts, Rules::parse(rule).unwrap());
        assert_eq!(own.population, shipped.population);
        assert_ne!(own.digest(), shipped.digest());
        assert_eq!(own.burned_in, None);
        let mask = "[[mask]]\nwhy='mine'\nmodality='US'\nboxes=[{x=0,y=0,w=5,h=5}]";
        std::fs::write(folder.path().join("burned_in.toml"), mask).unwrap();
        assert_eq!(RuleBook::open(Some(folder.path())).unwrap().burned_in.map(|rules| rules.len()), Some(1));
        for bad in ["[[mask]]\nmodality='US'\nboxes=[{x=0,y=0,w=5,h=5}]", "[[mask]]\nwhy='x'\nmodality='US'", "mask=1"]
        {
            std::fs::write(folder.path().join("burned_in.toml"), bad).unwrap();
            assert_eq!(RuleBook::open(Some(folder.path())).unwrap_err().kind, crate::error::Kind::Config, "{bad}");
        }
        std::fs::write(folder.path().join("alert.toml"), rule).unwrap();
        assert!(RuleBook::open(Some(folder.path())).is_err(), "a misspelt name is said");
    }
}
