//! IP addresses and CIDR ranges in conditions, version 4 and 6.

use std::net::IpAddr;

/// An address range; a lone address is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix: u32,
}

/// Reads `203.0.113.0/24`, `2001:db8::/32` or a lone address.
pub fn parse_cidr(text: &str) -> Option<Cidr> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (_, width) = bits(address);
    let prefix = match prefix {
        None => width,
        // `u32::from_str` takes a plus sign, which no CIDR has.
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok()?,
        Some(_) => return None,
    };
    (prefix <= width).then_some(Cidr { address, prefix })
}

impl Cidr {
    /// True when the address lies in the range. Host bits of the range do not
    /// count; the two versions never contain each other.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (range, width) = bits(self.address);
        let (address, address_width) = bits(address);
        let host = width.saturating_sub(self.prefix);
        width == address_width
            && range.checked_shr(host).unwrap_or(0) == address.checked_shr(host).unwrap_or(0)
    }
}

fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(range: &str, address: &str) -> Option<bool> {
        Some(parse_cidr(range)?.contains(address.parse().ok()?))
    }

    #[test]
    fn ranges() {
        assert_eq!(within("203.0.113.0/24", "203.0.113.77"), Some(true));
        assert_eq!(within("203.0.113.9/24", "203.0.113.77"), Some(true));
        assert_eq!(within("203.0.113.0/24", "203.0.114.1"), Some(false));
        assert_eq!(within("203.0.113.1", "203.0.113.1"), Some(true));
        assert_eq!(within("0.0.0.0/0", "8.8.8.8"), Some(true));
        assert_eq!(within("::/0", "2001:db8::1"), Some(true));
        assert_eq!(within("2001:db8::/32", "2001:db8:1::1"), Some(true));
        assert_eq!(within("::/0", "8.8.8.8"), Some(false));
    }

    #[test]
    fn not_ranges() {
        for text in [
            "",
            "1.2.3",
            "1.2.3.4/33",
            "::1/129",
            "1.2.3.4/+8",
            "1.2.3.4/",
            "a/8",
        ] {
            assert_eq!(parse_cidr(text), None, "{text}");
        }
    }
}
