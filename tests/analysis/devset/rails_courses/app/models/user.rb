require "digest"

class User < ApplicationRecord
  has_secure_password
  has_many :enrollments
  has_one_attached :avatar

  validates :email, format: { with: /^[^@\s]+@[^@\s]+$/ }
  validates :name, format: { with: /\A[\p{L} ]+\z/ }

  before_create :set_token

  def self.by_role(role)
    where("role = ?", role)
  end

  def reset_code
    rand(100_000..999_999).to_s
  end

  def legacy_digest(password)
    Digest::MD5.hexdigest("#{id}#{password}")
  end

  private

  def set_token
    self.api_token = SecureRandom.hex(20)
  end
end
