use crate::ServerError;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// Below the range from which Linux takes the ports of outgoing connections: there, a client could take the port of
/// a server that is down for a moment, or even connect to itself.
const RANGE: std::ops::Range<u16> = 15_000..32_000;
const ATTEMPTS: u64 = 100;

/// Loopback ports that nobody listened on a moment ago. Somebody may be quicker: the caller tries again with others.
pub fn free<const N: usize>() -> Result<[u16; N], ServerError> {
    let mut listeners = Vec::new();
    let seed = RandomState::new();
    for attempt in 0..ATTEMPTS {
        let span = u64::from(RANGE.end - RANGE.start);
        let offset = u16::try_from(seed.hash_one(attempt) % span).unwrap_or_default();
        let port = RANGE.start + offset;
        // Held until all are found, so that no port is found twice.
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            listeners.push((port, listener));
        }
        if listeners.len() == N {
            break;
        }
    }
    let ports: Vec<u16> = listeners.iter().map(|(port, _)| *port).collect();
    ports
        .try_into()
        .map_err(|found: Vec<u16>| ServerError::Refused {
            what: format!("find {N} free ports on 127.0.0.1"),
            answer: format!("only {} of {ATTEMPTS} attempts succeeded", found.len()),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ_from_each_other_and_can_be_bound() {
        let ports = free::<5>().expect("free ports");
        let listeners: Vec<_> = ports
            .iter()
            .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)))
            .collect();
        assert!(listeners.iter().all(Result::is_ok), "{ports:?}");
    }
}
