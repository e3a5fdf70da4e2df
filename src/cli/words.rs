//! Words of the command line that are more than one number: `--shard 0/4`, `--memory 2GB`.

/// Which parts to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u64,
    /// At least 1.
    pub count: u64,
}

/// `I/N`, I from 0 to N-1.
pub(super) fn parse_shard(text: &str) -> Result<Shard, String> {
    let parse = || {
        let (index, count) = text.split_once('/')?;
        Some(Shard { index: index.parse().ok()?, count: count.parse().ok()? })
    };
    match parse() {
        Some(shard) if shard.index < shard.count => Ok(shard),
        _ => Err("expected I/N with I from 0 to N-1, such as 0/4".into()),
    }
}

/// A number of bytes with or without a unit, 32 MiB at least.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return Err("expected a number with kB, MB, GB, KiB, MiB or GiB".into()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|n| n.checked_mul(scale)).unwrap_or(0);
    if bytes < 32 << 20 { Err("at least 32MiB are needed".into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_and_sizes() {
        assert_eq!(parse_shard("3/4"), Ok(Shard { index: 3, count: 4 }));
        assert!(parse_shard("4/4").is_err() && parse_shard("x").is_err());
        assert_eq!(parse_bytes("2GiB"), Ok(2 << 30));
        assert!(
            parse_bytes("1kB").is_err() && parse_bytes("99999999999GB").is_err() && parse_bytes("5 apples").is_err()
        );
    }
}
