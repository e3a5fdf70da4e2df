//! `voxmill recipe`: commented recipes to begin with.

use crate::error::{Fault, Result};

/// The recipes that come with the program: name, what for, text. The first is printed without a name.
pub const RECIPES: &[(&str, &str, &str)] = &[
    ("default", "224 x 224 grey tensors from 0 to 1 of everything", include_str!("recipes/default.toml")),
    ("ct-lung", "CT at the lung window, 512 x 512, 16-bit floats", include_str!("recipes/ct-lung.toml")),
    ("ct-hu", "CT as Hounsfield units at the stored size", include_str!("recipes/ct-hu.toml")),
    ("imagenet", "three channels with ImageNet's mean and deviation", include_str!("recipes/imagenet.toml")),
    ("mammography", "1024 x 832 mammograms, 16-bit integers", include_str!("recipes/mammography.toml")),
];

/// The text of a recipe.
pub fn text(name: Option<&str>) -> Result<&'static str> {
    let name = name.unwrap_or(RECIPES[0].0);
    RECIPES.iter().find(|row| row.0 == name).map(|row| row.2).ok_or_else(|| {
        let names: Vec<_> = RECIPES.iter().map(|row| row.0).collect();
        Fault::config("--preset", "no recipe of this name", format!("{name}; there are {}", names.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn every_recipe_can_be_followed_and_the_default_is_the_default() {
        for (name, _, text) in RECIPES {
            assert!(Recipe::parse(text).is_ok(), "{name}: {:?}", Recipe::parse(text));
        }
        assert_eq!(Recipe::parse(RECIPES[0].2).unwrap(), Recipe::default());
        assert!(text(Some("no such")).is_err());
    }
}
