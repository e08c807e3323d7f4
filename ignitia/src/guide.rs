//! Chapters of the guide: their programs are compiled and run with the tests of the documentation.
//! The features in `lib.rs` are those that the programs need.

macro_rules! chapters {
    ($($name:ident $file:literal)*) => {$(
        #[doc = include_str!(concat!("../docs/guide/src/", $file))]
        struct $name;
    )*};
}

chapters! {
    FirstEndpoint "learning/first-endpoint.md"
    Sessions "learning/sessions.md"
    Hooks "learning/hooks.md"
    Extractors "learning/extractors.md"
    States "learning/state.md"
    Requests "learning/requests.md"
    LaterAnswers "learning/later-answers.md"
    RoomsAndPresence "learning/rooms.md"
    Members "learning/members.md"
    HistoryAndResume "learning/history.md"
    StoredMessages "learning/stored-messages.md"
    BrowserClients "learning/browser.md"
    Pages "learning/pages.md"
    Testing "learning/testing.md"
    Serving "running/server.md"
    Authentication "running/authentication.md"
    Expiry "running/expiry.md"
    LimitsAndBackPressure "running/limits.md"
    Observability "running/observability.md"
    GracefulDeploys "running/deploys.md"
    SeveralMachines "running/several-machines.md"
    BehindProxies "running/proxies.md"
    SupportDesk "recipes/support-desk.md"
    Notifications "recipes/notifications.md"
    Dashboard "recipes/dashboard.md"
    CollaborativeDocument "recipes/document.md"
    GameLoop "recipes/game.md"
    FileUpload "recipes/upload.md"
    Devices "recipes/devices.md"
    Bot "recipes/bot.md"
    Gateway "recipes/gateway.md"
    ChangeFeed "recipes/changes.md"
    CloseCodesAndOutcomes "reference/close-codes.md"
    Wire "reference/wire.md"
    FromAxum "coming-from/axum.md"
    FromSocketIo "coming-from/socket-io.md"
    FromPhoenix "coming-from/phoenix.md"
    FromFastApi "coming-from/fastapi.md"
    FromTheOldGuide "coming-from/guide-0-2.md"
}
