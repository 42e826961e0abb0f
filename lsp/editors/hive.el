;;; hive.el --- Agent Hive for eglot  -*- lexical-binding: t -*-

;; Findings, fixes, dismissals and reviews on demand in Emacs 29, or in 28 with eglot from ELPA.
;;
;; Put it on the `load-path' and write into the init file:  (require 'hive)
;; Findings are Flymake's; M-x eglot-code-actions has the fixes, M-x hive-review asks for a review, and
;; M-x hive-revoke takes back what you answered a program that wanted to see or edit here.
;; A major mode has one server in eglot: name the modes in `hive-modes' that shall have this one.

;;; Code:

(require 'eglot)

(defgroup hive nil "Agent Hive." :group 'tools)

(defcustom hive-command '("hive" "lsp")
  "How to start the language server; it connects to the hub of this machine, and starts one if none runs."
  :type '(repeat string))

(defcustom hive-modes '(python-mode python-ts-mode js-mode js-ts-mode typescript-ts-mode tsx-ts-mode go-mode go-ts-mode)
  "Major modes in which eglot starts Hive."
  :type '(repeat symbol))

(defvar-local hive-status nil
  "How far this file is read: pending, analysed, partial or not_analysed, as a string.")

(add-to-list 'eglot-server-programs (cons hive-modes (lambda (&rest _) hive-command)))

(dolist (mode hive-modes)
  (add-hook (intern (format "%s-hook" mode)) #'eglot-ensure))

(cl-defmethod eglot-handle-notification (_server (_method (eql $/hive/status)) &key uri state &allow-other-keys)
  "Remember how far the file of URI is read, which is STATE: \"not analysed\" is not \"clean\"."
  (when-let ((buffer (find-buffer-visiting (eglot--uri-to-path uri))))
    (with-current-buffer buffer (setq hive-status state))))

(defun hive-review ()
  "Review this file now, and say how many findings there are."
  (interactive)
  (let* ((uri (plist-get (eglot--TextDocumentIdentifier) :uri))
         (params (list :command "hive.review" :arguments (vector uri)))
         (result (jsonrpc-request (eglot--current-server-or-lose) :workspace/executeCommand params :timeout 120)))
    (if (equal (plist-get result :state) "not_analysed")
        (message "Hive could not review this file: %s" (plist-get result :reason))
      (message "Hive: %d finding(s) in this file." (plist-get result :findings)))
    result))

(defun hive-revoke ()
  "Take back an answer that you gave a program that wanted to see or edit here; Emacs asks which."
  (interactive)
  (jsonrpc-async-request (eglot--current-server-or-lose) :workspace/executeCommand
                         '(:command "hive.revokeConsent" :arguments [])
                         :success-fn (lambda (revoked) (message "Hive: %d answer(s) taken back." revoked))
                         :timeout nil))

(provide 'hive)
;;; hive.el ends here
