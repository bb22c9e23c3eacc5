// A doubly linked list whose links lie in the elements: no allocation, and an element takes itself out when
// it is destroyed. The list owns nothing.
#pragma once

namespace weir {

template <class T>
class List;

template <class T>
class ListNode {
  public:
    ListNode() = default;
    ListNode(const ListNode&) = delete;
    ListNode& operator=(const ListNode&) = delete;
    ~ListNode() { unlink(); }

    bool is_linked() const noexcept { return next_ != nullptr; }
    void unlink() noexcept {
        if (!next_) return;
        next_->previous_ = previous_;
        previous_->next_ = next_;
        next_ = previous_ = nullptr;
    }

  private:
    friend class List<T>;
    ListNode* next_ = nullptr;
    ListNode* previous_ = nullptr;
};

template <class T>
class List {
  public:
    List() noexcept { head_.next_ = head_.previous_ = &head_; }
    ~List() {
        while (T* element = pop_front()) (void)element;
        head_.next_ = head_.previous_ = nullptr;
    }
    List(const List&) = delete;
    List& operator=(const List&) = delete;

    bool empty() const noexcept { return head_.next_ == &head_; }
    void push_back(T& element) noexcept {
        ListNode<T>& node = element;
        node.unlink();
        node.previous_ = head_.previous_;
        node.next_ = &head_;
        head_.previous_->next_ = &node;
        head_.previous_ = &node;
    }
    T* pop_front() noexcept {
        if (empty()) return nullptr;
        ListNode<T>* node = head_.next_;
        node->unlink();
        return static_cast<T*>(node);
    }
    T* front() const noexcept { return empty() ? nullptr : static_cast<T*>(head_.next_); }

  private:
    ListNode<T> head_;
};

}  // namespace weir
