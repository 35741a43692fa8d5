//! The address of a client, through trusted proxies only.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use super::connection::Peer;

/// Where a request comes from, as far as we believe it.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

pub async fn resolve(State(trusted): State<Arc<[IpNet]>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<Peer>>() {
        let address = client(peer.address.ip(), request.headers(), &trusted);
        request.extensions_mut().insert(ClientAddress(network(address)));
    }
    next.run(request).await
}

/// Walks `X-Forwarded-For` from the right, as long as the hop before was a trusted proxy. What stands left of the
/// first untrusted address may be invented. IPv4 addresses in IPv6 clothes are undressed.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer.to_canonical();
    let lists = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        // Some proxies write the port too.
        let before = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
        match before {
            Ok(before) => address = before.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

/// What is counted as one address: with IPv6 everybody has a whole /64 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(through("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(through("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(through("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(through("10.0.0.1", "198.51.100.1:4711"), "198.51.100.1");
        assert_eq!(through("10.0.0.1", "[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(through("10.0.0.1", "nonsense"), "10.0.0.1");
        assert_eq!(through("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("198.51.100.1"), "198.51.100.1");
    }
}
