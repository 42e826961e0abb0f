;;; journey.el --- Emacs as a person uses it: dismisses findings, fixes them, asks for reviews and answers.  -*- lexical-binding: t -*-

;; Run by test_emacs.py as: emacs -q --batch -l journey.el; what was seen goes to $SEEN as JSON.

(package-initialize)
(load (getenv "HIVE_EL"))
(require 'python)
(require 'json)

(defvar seen nil)

(defun see (name value) (push (cons name value) seen))

(defun wait-for (what condition)
  (let ((tries 2000))
    (while (not (funcall condition))
      (when (= (setq tries (1- tries)) 0) (error "Waited in vain for %s" what))
      (accept-process-output nil 0.01))))

(defun found () (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(defun choose (title)
  "Take the code action at point that begins with TITLE, as from the menu."
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt items &rest _) (seq-find (lambda (item) (string-prefix-p title item)) (mapcar #'car items))))
            ((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
    (eglot-code-actions (point) (point) nil t)))

(setq last-nonmenu-event ?\r ; the menu is asked by the keyboard, not by the mouse
      hive-command (split-string (getenv "HIVE_LSP_COMMAND"))
      eglot-sync-connect 30)
(find-file "shop.py")
(apply #'eglot--connect (eglot--guess-contact))
(flymake-start)

(wait-for "findings" (lambda () (= (length (found)) 2)))
(see 'found (vconcat (found)))

(search-forward "eval")
(choose "Dismiss: ")
(wait-for "the dismissal" (lambda () (= (length (found)) 1)))
(see 'after_dismissal (vconcat (found)))

(goto-char (point-min))
(search-forward "value is")
(choose "Replace")
(see 'fixed (buffer-string))
(run-hooks 'post-command-hook)
(eglot--signal-textDocument/didChange)
(wait-for "the fix" (lambda () (null (found))))

(see 'review (hive-review))
(see 'status hive-status)

(defvar told nil)
(advice-add 'message :before (lambda (text &rest more) (when text (push (apply #'format text more) told))))

(defun told (pattern)
  "Wait for a message with PATTERN, and note it."
  (wait-for pattern (lambda () (seq-some (lambda (text) (string-match-p pattern text)) told)))
  (see 'told (seq-find (lambda (text) (string-match-p pattern text)) told)))

(defun edited ()
  (run-hooks 'post-command-hook)
  (eglot--signal-textDocument/didChange))

(goto-char (point-max))
(insert "\n\ndef is_six(value):\n    return value is 6\n")
(edited)
(wait-for "what is wrong with the new lines" (lambda () (= (length (found)) 1)))
(hive-fix-all)
(see 'all_fixed (buffer-string))
(edited)
(wait-for "all safe fixes" (lambda () (null (found))))
(hive-fix-all)
(told "sure to keep its meaning")

(hive-review-changes)
(told "uncommitted changes")
(hive-review-workspace)
(told "all files")
(see 'elsewhere (vconcat (mapcar (lambda (of-file) (file-name-nondirectory (car of-file)))
                                 (seq-filter #'cdr flymake-list-only-diagnostics))))

(eglot-handle-request (eglot-current-server) 'window/showDocument
                      :uri (concat "hive:/review.md?uri=" (hive--this-file)))
(wait-for "the page" (lambda () (get-buffer "*Hive*")))
(see 'page (with-current-buffer "*Hive*" (buffer-string)))

(hive-ask "Who is asked here?")
(told "has no model")
(let ((current-prefix-arg '(4))) (call-interactively #'hive-fix-all))
(wait-for "the same answer" (lambda () (= (seq-count (lambda (text) (string-match-p "has no model" text)) told) 2)))

(hive-revoke)
(told "answer(s) taken back")
(with-temp-file (getenv "SEEN") (insert (json-encode seen)))
