#include "protocols/http/auth.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"

namespace weir::http {

namespace {

using Hash = DigestChallenge::Hash;

constexpr std::size_t kMaxOffered = 160;  // how much of what a server offers goes into an Error

std::string to_hex(Bytes bytes) {
    std::string out;
    for (std::uint8_t b : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", b);
    return out;
}

// Empty where OpenSSL is configured to have no such hash (MD5, where FIPS 140 holds).
std::string hash_of(Hash hash, std::string_view text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), out.data(), &size, hash == Hash::md5 ? EVP_md5() : EVP_sha256(),
                   nullptr) != 1)
        return {};
    return to_hex(Bytes{out}.first(size));
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

bool is_token_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}
bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// One scheme of a WWW-Authenticate header and its parameters.
struct Challenge {
    std::string scheme;
    std::vector<Header> parameters;

    std::optional<std::string_view> get(std::string_view name) const noexcept {
        return find_header(parameters, name);
    }
};

// RFC 9110 §11.6.1. The comma stands between schemes as well as between parameters, so what a word is shows
// in what follows it: '=' makes it a parameter of the scheme before.
class ChallengeReader {
  public:
    explicit ChallengeReader(std::string_view text) : rest_(text) {}

    // Everything up to the first thing that cannot be read, which the Error names.
    Result<> read(std::vector<Challenge>& out) {
        while (true) {
            while (rest_.starts_with(',') || rest_.starts_with(' ') || rest_.starts_with('\t'))
                rest_.remove_prefix(1);
            if (rest_.empty()) break;
            const auto word = take_token();
            if (word.empty()) return Error{Errc::bad_input, fmt::format("\"{}\"", printable(rest_, 40))};
            skip_blanks();
            if (rest_.starts_with('=')) {
                if (!open_) return Error{Errc::bad_input, "a parameter before any scheme"};
                rest_.remove_prefix(1);
                skip_blanks();
                std::string value;
                if (auto taken = take_value(value); !taken) return taken;
                open_->parameters.push_back({std::string(word), std::move(value)});
                continue;
            }
            finish(out);
            open_ = Challenge{.scheme = std::string(word), .parameters = {}};
            skip_token68();
        }
        finish(out);
        return Ok{};
    }

  private:
    void finish(std::vector<Challenge>& out) {
        if (open_) out.push_back(std::move(*open_));
        open_.reset();
    }
    void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }
    std::string_view take_token() {
        const auto* end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
        const auto token = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(token.size());
        return token;
    }
    // "NTLM TlRMTVNTUAAC==": a scheme may have one such blob instead of parameters. None that we speak does.
    void skip_token68() {
        const auto end = rest_.substr(0, rest_.find_first_of(", \t"));
        const auto padding = end.find_last_not_of('=');
        if (padding == std::string_view::npos) return;
        const auto blob = end.substr(0, padding + 1);
        auto after = rest_.substr(end.size());
        after.remove_prefix(std::min(after.find_first_not_of(" \t"), after.size()));
        const bool is_blob = !after.starts_with('=') && std::all_of(blob.begin(), blob.end(), [](char c) {
            return is_token_char(c) || c == '/';
        });
        if (is_blob) rest_.remove_prefix(end.size());
    }
    // It would come back in our own request.
    static Error control_character() { return {Errc::bad_input, "a control character in a value"}; }
    Result<> take_value(std::string& value) {
        if (!rest_.starts_with('"')) {
            // Some servers leave the quotes out where the grammar wants them.
            value = std::string(rest_.substr(0, rest_.find_first_of(", \t\"")));
            rest_.remove_prefix(value.size());
            if (std::any_of(value.begin(), value.end(), is_control)) return control_character();
            return Ok{};
        }
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return Ok{};
            }
            if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
            if (is_control(rest_[i])) return control_character();
            value += rest_[i];
        }
        return Error{Errc::bad_input, "a quote that is not closed"};
    }

    std::string_view rest_;
    std::optional<Challenge> open_;
};

bool has_token(std::string_view list, std::string_view token) {
    const Header header[] = {{"", std::string(list)}};
    return has_list_token(header, "", token);
}

// Nothing, and why in `reason`, where weir cannot answer it.
std::optional<DigestChallenge> read_digest(const Challenge& challenge, std::string& reason) {
    DigestChallenge out;
    const auto realm = challenge.get("realm");
    const auto nonce = challenge.get("nonce");
    const auto opaque = challenge.get("opaque");
    if (!realm || !nonce || nonce->empty()) {
        reason = realm ? "Digest without a nonce" : "Digest without a realm";
        return std::nullopt;
    }
    for (const auto& value : {realm, nonce, opaque}) {
        if (!value || value->size() <= Authenticator::kMaxParameter) continue;
        reason = fmt::format("Digest with a parameter of {} bytes, {} at most", value->size(),
                             Authenticator::kMaxParameter);
        return std::nullopt;
    }
    out.realm = *realm;
    out.nonce = *nonce;
    if (opaque) out.opaque = *opaque;
    if (const auto algorithm = challenge.get("algorithm")) {
        std::string_view base = *algorithm;
        if (constexpr std::string_view kSession = "-sess";
            base.size() > kSession.size() &&
            equal_ignoring_case(base.substr(base.size() - kSession.size()), kSession)) {
            base.remove_suffix(kSession.size());
            out.session = true;
        }
        if (equal_ignoring_case(base, "SHA-256")) {
            out.hash = Hash::sha256;
        } else if (!equal_ignoring_case(base, "MD5")) {
            reason = fmt::format("Digest with the algorithm \"{}\"", printable(*algorithm, 40));
            return std::nullopt;
        }
        out.algorithm = *algorithm;
    }
    if (const auto qop = challenge.get("qop"); qop && !trim(*qop).empty()) {
        if (!has_token(*qop, "auth")) {
            reason = fmt::format("Digest with the qop \"{}\"", printable(*qop, 40));
            return std::nullopt;
        }
        out.has_qop = true;
    }
    const auto stale = challenge.get("stale");
    out.stale = stale && equal_ignoring_case(*stale, "true");
    return out;
}

Error refused(std::string detail) {
    return Error{Errc::refused, std::move(detail)};
}

}  // namespace

std::string basic_authorization(const Credentials& credentials) {
    const std::string plain = credentials.user + ":" + credentials.password;
    std::string out((plain.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL writes a NUL behind it
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), as_bytes(plain).data(),
                                     static_cast<int>(plain.size()));
    out.resize(static_cast<std::size_t>(size));
    return "Basic " + out;
}

std::string fresh_cnonce() {
    std::array<std::uint8_t, 16> bytes{};
    // It guards against chosen nonces; without it Digest is weaker, not broken.
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) bytes.fill(0);
    return to_hex(bytes);
}

Authenticator::Authenticator(Credentials credentials, std::string cnonce)
    : credentials_(std::move(credentials)), cnonce_(std::move(cnonce)) {}

Result<> Authenticator::challenge(const Response& response) {
    std::vector<Challenge> challenges;
    std::string unread;
    response.for_each("WWW-Authenticate", [&](std::string_view line) {
        if (auto read = ChallengeReader{line}.read(challenges); !read) unread = read.error().detail;
    });

    std::optional<DigestChallenge> digest;
    bool has_basic = false;
    std::string secret;
    std::string offered;  // what weir cannot answer
    for (const Challenge& challenge : challenges) {
        std::string reason = printable(challenge.scheme, 40);
        if (equal_ignoring_case(challenge.scheme, "Basic")) {
            has_basic = true;
            continue;
        }
        if (equal_ignoring_case(challenge.scheme, "Digest")) {
            if (digest) continue;  // a server writes what it prefers first
            digest = read_digest(challenge, reason);
            if (digest) {
                secret = hash_of(digest->hash,
                                 credentials_.user + ":" + digest->realm + ":" + credentials_.password);
                if (!secret.empty()) continue;
                digest.reset();
                reason = "Digest with MD5, which this machine's OpenSSL forbids";
            }
        }
        if (offered.size() < kMaxOffered) offered += (offered.empty() ? "" : ", ") + reason;
    }

    if (credentials_.empty())
        return refused("the server wants a user name and password, write http://user:password@host/");
    const bool is_stale = digest && digest->stale;
    if (count_ > 0 && !is_stale) refused_ = true;
    if (is_stale && count_ == 1) ++stale_;
    if (count_ > 1) stale_ = 0;
    if (refused_) return refused("the server does not accept the user name and password");
    if (stale_ > kMaxStale) return refused("the server calls each of its own nonces stale");
    if (!digest && !has_basic) {
        if (!unread.empty()) return refused("the server's WWW-Authenticate cannot be read: " + unread);
        if (offered.empty()) return refused("the server asks for a login and does not say of what kind");
        return refused(
            "the server offers no login that weir speaks (Basic; Digest with MD5 or SHA-256), but " +
            offered);
    }

    scheme_ = digest ? Scheme::digest : Scheme::basic;
    count_ = 0;
    if (!digest) return Ok{};
    digest_ = std::move(*digest);
    secret_ = digest_.session ? hash_of(digest_.hash, secret + ":" + digest_.nonce + ":" + cnonce_)
                              : std::move(secret);
    return Ok{};
}

std::optional<std::string> Authenticator::authorization(std::string_view method, std::string_view uri) {
    if (scheme_ == Scheme::none || refused_) return std::nullopt;
    ++count_;
    if (scheme_ == Scheme::basic) return basic_authorization(credentials_);

    const std::string count = fmt::format("{:08x}", count_);
    const std::string asked = hash_of(digest_.hash, fmt::format("{}:{}", method, uri));
    const std::string response = hash_of(
        digest_.hash, digest_.has_qop
                          ? fmt::format("{}:{}:{}:{}:auth:{}", secret_, digest_.nonce, count, cnonce_, asked)
                          : fmt::format("{}:{}:{}", secret_, digest_.nonce, asked));

    std::string out = fmt::format("Digest username={}, realm={}, nonce={}, uri={}", quoted(credentials_.user),
                                  quoted(digest_.realm), quoted(digest_.nonce), quoted(uri));
    if (digest_.algorithm) out += ", algorithm=" + *digest_.algorithm;
    // RFC 7616 §3.4: neither count nor qop is quoted.
    if (digest_.has_qop) out += fmt::format(", qop=auth, nc={}", count);
    if (digest_.has_qop || digest_.session) out += ", cnonce=" + quoted(cnonce_);
    out += fmt::format(", response=\"{}\"", response);
    if (digest_.opaque) out += ", opaque=" + quoted(*digest_.opaque);
    return out;
}

}  // namespace weir::http
