;;; hive.el --- Agent Hive for eglot  -*- lexical-binding: t -*-

;; Findings, fixes, dismissals and reviews on demand in Emacs 29, or in 28 with eglot from ELPA.
;;
;; Put it on the `load-path' and write into the init file:  (require 'hive)
;; Findings are Flymake's; M-x eglot-code-actions has the fixes.  M-x hive-review reviews this file,
;; hive-review-changes what differs from the last commit, hive-review-workspace all of the folder;
;; hive-fix-all makes every fix of this file that keeps its meaning.
;; Where the hub has a model: C-u M-x hive-fix-all has it mend the rest, and hive-ask answers about the project.
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

(defclass hive-server (eglot-lsp-server) () :documentation "A hub, behind `hive lsp'.")

(add-to-list 'eglot-server-programs (cons hive-modes (lambda (&rest _) (cons 'hive-server hive-command))))

(dolist (mode hive-modes)
  (add-hook (intern (format "%s-hook" mode)) #'eglot-ensure))

(cl-defmethod eglot-client-capabilities ((_server hive-server))
  "As eglot's own, and pages: long answers are such."
  (let* ((able (cl-call-next-method))
         (window (copy-sequence (plist-get able :window)))
         (workspace (copy-sequence (plist-get able :workspace))))
    (setq able (plist-put able :window (plist-put window :showDocument '(:support t))))
    (plist-put able :workspace (plist-put workspace :textDocumentContent '(:dynamicRegistration :json-false)))))

(cl-defmethod eglot-execute-command ((server hive-server) command arguments)
  "Without waiting: a model takes longer than eglot would."
  (hive--execute server (format "%s" command) arguments #'ignore))

(cl-defmethod eglot-handle-request ((server hive-server) (_method (eql window/showDocument)) &key uri selection &allow-other-keys)
  "Show the page, or the file at its SELECTION, that URI names."
  (if (string-prefix-p "hive:" uri)
      (jsonrpc-async-request server :hive/content (list :uri uri)
                             :success-fn (lambda (page) (hive--show-page (plist-get page :text)))
                             :error-fn #'hive--tell-error)
    (pop-to-buffer (find-file-noselect (eglot--uri-to-path uri)))
    (when selection (goto-char (eglot--lsp-position-to-point (plist-get selection :start)))))
  '(:success t))

(cl-defmethod eglot-handle-notification (_server (_method (eql $/hive/status)) &key uri state &allow-other-keys)
  "Remember how far the file of URI is read, which is STATE: \"not analysed\" is not \"clean\"."
  (when-let ((buffer (find-buffer-visiting (eglot--uri-to-path uri))))
    (with-current-buffer buffer (setq hive-status state))))

(defun hive--tell-error (problem)
  "Say what the hub says of PROBLEM."
  (message "Hive: %s" (plist-get problem :message)))

(defun hive--execute (server command arguments then)
  "Have SERVER execute COMMAND with ARGUMENTS, however long that takes; THEN gets what it answers, if anything."
  (jsonrpc-async-request server :workspace/executeCommand (list :command command :arguments arguments)
                         :success-fn (lambda (result) (when result (funcall then result)))
                         :error-fn #'hive--tell-error
                         :timeout nil))

(defun hive--show-page (text)
  "Show TEXT in a window of its own."
  (with-current-buffer (get-buffer-create "*Hive*")
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert text))
    (goto-char (point-min))
    (special-mode)
    (visual-line-mode 1)
    (display-buffer (current-buffer))))

(defun hive--this-file () (plist-get (eglot--TextDocumentIdentifier) :uri))

(defun hive-review ()
  "Review this file now, and say how many findings there are."
  (interactive)
  (let* ((params (list :command "hive.review" :arguments (vector (hive--this-file))))
         (result (jsonrpc-request (eglot--current-server-or-lose) :workspace/executeCommand params :timeout 120)))
    (if (equal (plist-get result :state) "not_analysed")
        (message "Hive could not review this file: %s" (plist-get result :reason))
      (message "Hive: %d finding(s) in this file." (plist-get result :findings)))
    result))

(defun hive--review-many (command)
  "Have COMMAND review files, also such as are not open, and list what is found."
  (hive--execute (eglot--current-server-or-lose) command []
                 (lambda (result)
                   (let ((found (plist-get result :findings)) (unread (plist-get result :not_analysed)))
                     (when (and (> found 0) (fboundp 'flymake-show-project-diagnostics))
                       (flymake-show-project-diagnostics))
                     (message "Hive: %d finding(s) in %s.%s" found (plist-get result :what)
                              (if (> unread 0) (format " %d file(s) could not be read." unread) ""))))))

(defun hive-review-changes ()
  "Review what differs from the last commit."
  (interactive)
  (hive--review-many "hive.reviewChanges"))

(defun hive-review-workspace ()
  "Review all files of the folder."
  (interactive)
  (hive--review-many "hive.reviewWorkspace"))

(defun hive-fix-all (&optional with-model)
  "Make every fix of this file that keeps its meaning; WITH-MODEL, the prefix, have a model mend what is found."
  (interactive "P")
  (cond (with-model (hive--execute (eglot--current-server-or-lose) "hive.fixAll" (vector (hive--this-file)) #'ignore))
        ((eglot-code-actions (point-min) (point-max) "source.fixAll.hive")
         (eglot-code-actions (point-min) (point-max) "source.fixAll.hive" t))
        (t (message "Hive: no finding of this file has a fix that is sure to keep its meaning."))))

(defun hive-ask (question)
  "Have a model answer QUESTION about this project."
  (interactive "sAsk about this project: ")
  (hive--execute (eglot--current-server-or-lose) "hive.ask" (vector (hive--this-file) question) #'ignore))

(defun hive-revoke ()
  "Take back an answer that you gave a program that wanted to see or edit here; Emacs asks which."
  (interactive)
  (hive--execute (eglot--current-server-or-lose) "hive.revokeConsent" []
                 (lambda (revoked) (message "Hive: %d answer(s) taken back." revoked))))

(provide 'hive)
;;; hive.el ends here
