class DocumentsController < ApplicationController
  before_action :set_document, only: %i[show update destroy share]

  def index
    @documents = policy_scope(Document)
  end

  def show
    authorize @document
  end

  def create
    @document = current_user.documents.build(document_params)
    @document.save ? redirect_to(@document) : render(:new, status: :unprocessable_entity)
  end

  def update
    authorize @document
    @document.update(document_params) ? redirect_to(@document) : render(:edit, status: :unprocessable_entity)
  end

  def destroy
    authorize @document
    @document.destroy
    redirect_to documents_path
  end

  def share
    @document.update!(shared_with: params[:email])
    redirect_to @document
  end

  private

  def set_document
    @document = Document.find(params[:id])
  end

  def document_params
    params.require(:document).permit(:title, :body)
  end
end
