// Texts for why an attempt got no response, or where its response points to, shared by the sender and the
// API; the explanation is chosen by them. Constants; any thread.
#pragma once

#include <string_view>

namespace exposee {

// Begins the text of an attempt that has not begun because this machine is out of a resource.
constexpr std::string_view kOwnShortage = "This server has run out of a resource: ";
constexpr std::string_view kConnectingStalled = "Connecting timed out after ";                // "5 s"
constexpr std::string_view kHandshakeStalled = "The TLS handshake was not finished within ";  // "5 s"
// Of a private receiver, when nothing but EndpointSettings::public_only closes it.
constexpr std::string_view kPublicReceiversOnly = "the endpoint takes public receivers only";
// Of an address or name that no setting opens.
constexpr std::string_view kOwnAddress = "is Exposee's own address; it never sends to itself";
constexpr std::string_view kMetadataService = "is a cloud's metadata service; deliveries never go there";
// Before the settings by which the operator of this server can allow what was refused.
constexpr std::string_view kOperatorCanAllow = "operator can allow it in ";
// Of a connection: the system's words for ECONNREFUSED.
constexpr std::string_view kConnectionRefused = "Connection refused";
// Of a redirect, before the address that it names.
constexpr std::string_view kRedirectsTo = "The receiver redirects to ";
// Of TLS.
constexpr std::string_view kDemandsClientCertificate = "the receiver demands a client certificate";
constexpr std::string_view kSpeaksPlainHttp = "the receiver speaks plain HTTP on that port";
constexpr std::string_view kSpeaksNoTls = "the receiver does not speak TLS on that port";
constexpr std::string_view kCertificateUntrusted = "Certificate not trusted: ";
constexpr std::string_view kCertificateOfAnother = "Certificate is for another name";

}  // namespace exposee
