// StreamClient: opens a URL as a player does (plain HTTP, or WMSP's Describe and Play) and hands over what
// comes as a header and packets. One attempt; to destroy it is to give up. Loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/timer_queue.hpp"
#include "core/io/dialer.hpp"
#include "core/media/container.hpp"
#include "protocols/http/fetch.hpp"
#include "protocols/http/url.hpp"

namespace weir::cli {

class StreamClient final : private http::FetchListener {
  public:
    // What comes of it, besides StreamReader::Output's.
    class Listener : public StreamReader::Output {
      public:
        virtual void on_bytes(std::size_t count) = 0;
        // Once, last. Ok: the stream said that it was over. The client may be destroyed soon, not in here.
        virtual void on_done(Result<> result) = 0;
    };

    StreamClient(Loop& loop, const http::Url& url, std::span<const Container* const> containers,
                 Listener& listener);
    ~StreamClient();

    // Nothing at all for so long: the link is dead. (A server sends keep-alive packets once a second.)
    static constexpr Duration kSilenceLimit{30000};
    static constexpr int kMaxRedirects = 5;
    static constexpr std::size_t kMaxDescribe = std::size_t{2} << 20;

  private:
    enum class Phase { describe, play };
    void dial();
    void on_dialled(Result<Peer*> dialled);
    void on_silence();
    void on_head(const http::Response& response) override;
    void on_body(Bytes piece) override;
    void on_done(Result<> result) override;
    void on_described();
    Result<> feed(Bytes piece);
    void finish(Result<> result);
    void drop_connection() noexcept;
    std::string request() const;

    Loop& loop_;
    http::Url url_;
    std::span<const Container* const> containers_;
    Listener& listener_;
    Timer silence_;
    std::unique_ptr<Dialer> dialer_;
    Peer* peer_ = nullptr;
    http::Fetch* fetch_ = nullptr;  // the peer's Handler
    Phase phase_;
    int redirects_ = 0;
    std::string redirect_to_;
    std::string guid_;
    std::optional<std::uint32_t> client_id_;
    std::vector<std::uint16_t> streams_;
    std::vector<std::uint8_t> described_;
    std::vector<std::uint8_t> first_;  // until the container is known
    std::unique_ptr<StreamReader> reader_;
    bool finished_ = false;
};

}  // namespace weir::cli
