//! Connections to the primary: one for commands, one to listen.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, Value,
    aio::{MultiplexedConnection, PubSubSink, PubSubStream},
};
use tokio::time::timeout;

use super::{
    config::EngineConfig,
    fault::{EngineFault, OutageCause},
    servers::RedisServers,
};

/// Connections to a primary.
pub(super) struct Connections {
    pub(super) commands: MultiplexedConnection,
    pub(super) subscriptions: PubSubSink,
    pub(super) messages: PubSubStream,
}

/// Connects to the first primary among the servers.
pub(super) async fn dial(servers: &RedisServers, config: &EngineConfig) -> Result<Connections, EngineFault> {
    let mut fault = EngineFault::connection("no server is named");
    for url in &servers.urls {
        let attempt = async {
            match &servers.primary {
                None => connect(address(url, config)?, config).await,
                Some(primary) => connect(ask_sentinel(url, primary, config).await?, config).await,
            }
        };
        fault = match timeout(config.patience, attempt).await {
            Ok(Ok(connections)) => return Ok(connections),
            Ok(Err(fault)) => fault,
            Err(_) => EngineFault::silence("connecting"),
        };
    }
    Err(fault)
}

/// Returns an error text for servers that can never be connected to, if there is one.
pub(super) fn address_fault(servers: &RedisServers) -> Option<String> {
    if servers.urls.is_empty() {
        return Some("there is no server: name at least one".to_owned());
    }
    servers.urls.iter().chain(&servers.primary).find_map(|url| {
        let info = match url.as_str().into_connection_info() {
            Ok(info) => info,
            // The URL may have a password, and is left out.
            Err(error) => return Some(format!("the URL of a server is malformed: {error}")),
        };
        let is_tls = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        (!info.addr().is_supported()).then(|| match is_tls {
            true => "TLS to the server (`rediss`) needs the feature `tls`".to_owned(),
            false => "Unix sockets are not supported here".to_owned(),
        })
    })
}

/// Returns an address with its credentials of this moment.
fn address(url: &str, config: &EngineConfig) -> Result<ConnectionInfo, EngineFault> {
    let info = url.into_connection_info()?;
    let Some(source) = &config.credentials else { return Ok(info) };
    let rejected = |text| EngineFault::Disconnected { cause: OutageCause::Credentials, text };
    let credentials = source.get().map_err(rejected)?;
    let mut settings = info.redis_settings().clone().set_password(credentials.password);
    if let Some(username) = credentials.username {
        settings = settings.set_username(username);
    }
    Ok(info.set_redis_settings(settings))
}

/// Returns a client of an address.
fn client(address: ConnectionInfo, config: &EngineConfig) -> Result<Client, EngineFault> {
    #[cfg(feature = "tls")]
    if matches!(address.addr(), ConnectionAddr::TcpTls { .. }) {
        // The client takes the process's provider of cryptography: if it has none, it is given
        // ours.
        use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
        if CryptoProvider::get_default().is_none() {
            // Another thread may have been first.
            let _ = ring::default_provider().install_default();
        }
        if let Some(roots) = &config.root_certificates {
            let root_cert = Some(roots.clone().into_bytes());
            let certificates = redis::TlsCertificates { client_tls: None, root_cert };
            return Ok(Client::build_with_tls(address, certificates)?);
        }
    }
    #[cfg(not(feature = "tls"))]
    let _ = config;
    Ok(Client::open(address)?)
}

async fn open(client: &Client, patience: Duration) -> Result<MultiplexedConnection, EngineFault> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(patience))
        .set_response_timeout(Some(patience));
    Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
}

async fn connect(address: ConnectionInfo, config: &EngineConfig) -> Result<Connections, EngineFault> {
    let client = client(address, config)?;
    let mut commands = open(&client, config.patience).await?;
    let role: Value = redis::cmd("ROLE").query_async(&mut commands).await?;
    let is_primary =
        matches!(&role, Value::Array(parts) if parts.first() == Some(&Value::BulkString(b"master".to_vec())));
    if !is_primary {
        let text = "the server is no primary".to_owned();
        return Err(EngineFault::Disconnected { cause: OutageCause::Role, text });
    }
    let (subscriptions, messages) = client.get_async_pubsub().await?.split();
    Ok(Connections { commands, subscriptions, messages })
}

/// Asks a sentinel for the address of the primary.
async fn ask_sentinel(
    sentinel: &str,
    primary: &str,
    config: &EngineConfig,
) -> Result<ConnectionInfo, EngineFault> {
    let template = address(primary, config)?;
    let (name, is_tls) = match template.addr() {
        ConnectionAddr::Tcp(name, _) => (name.clone(), false),
        ConnectionAddr::TcpTls { host, .. } => (host.clone(), true),
        _ => {
            return Err(EngineFault::Rejected(
                "the primary's URL needs its name in place of the host".to_owned(),
            ));
        }
    };
    let mut connection = open(&client(sentinel.into_connection_info()?, config)?, config.patience).await?;
    let mut command = redis::cmd("SENTINEL");
    let found: Option<(String, u16)> =
        command.arg("get-master-addr-by-name").arg(&name).query_async(&mut connection).await?;
    let (host, port) =
        found.ok_or_else(|| EngineFault::connection(format!("the sentinel knows no primary `{name}`")))?;
    Ok(template.set_addr(match is_tls {
        false => ConnectionAddr::Tcp(host, port),
        true => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
    }))
}
